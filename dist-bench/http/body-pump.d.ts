import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Traffic } from './traffic.js';
/**
 * Writes a file's bytes as the body of an answer, at the pace of the client.
 *
 * The chunk that completes the declared length is held back until the store has confirmed the end: a store that finds
 * out only then that the bytes were wrong makes a broken transfer, and of a small file an error, never a clean answer.
 * The headers go out with the first chunk, so that whatever fails before it can still be answered.
 *
 * @param traffic counts what is sent
 * @param first chunks that were read already
 * @param length what the headers declare
 * @throws StorageError what the store threw; `INTEGRITY` where its bytes are more or fewer than `length`
 */
export declare function pumpBody(response: ServerResponse, traffic: Traffic, status: number, headers: OutgoingHttpHeaders, first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>, length: number): Promise<void>;
/**
 * Cuts the connection of a client that takes nothing of what was written for this long. While the store is what
 * everybody waits for, the client is not to blame. The socket's own timer is used: unlike `drain`, it sees a large chunk
 * go out piece by piece.
 */
export declare function watchTaking(response: ServerResponse, idleTimeoutMs: number): void;
