import { type Key } from '../../core/key.js';
import type { PresignOptions } from '../../core/store.js';
import type { Address } from './address.js';
import type { S3Client } from './client.js';
/**
 * A URL that lets its bearer read or write one object for a while (SigV4 query authentication). No checksum of
 * the body is asked for: the signer cannot know it. Temporary credentials end such a URL when they end.
 *
 * @param address as whoever uses the URL reaches the bucket
 * @throws StorageError `INVALID_ARGUMENT`
 */
export declare function presignObject(client: S3Client, address: Address, key: Key, options: PresignOptions): Promise<string>;
