import type { Key } from '../core/key.js';
import type { FailoverStore } from '../failover/failover-store.js';
import type { LocatedFile } from '../storage.js';
/** A file that the bucket has just said to hold, and nothing here has a say in; undefined for any other. */
export declare function locateAtPrimary(store: FailoverStore, key: Key, signal: AbortSignal | undefined): Promise<LocatedFile | undefined>;
/**
 * Whether browsers that reach this server may be sent to the bucket. Not from https to http, which they refuse to
 * follow for parts of a page; and not within one origin, where an upload would come without the policy that keeps
 * it apart from the pages of that origin.
 */
export declare function maySendTo(publicUrl: string, bucketOrigin: string): boolean;
