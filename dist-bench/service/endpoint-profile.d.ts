import type { StorageConfig } from '../config.js';
import type { ProfileData } from '../stores/s3/profile.js';
/**
 * What an examination of not long ago has found out about the configured endpoint and bucket, so that an S3 store
 * need not try it out by itself; undefined if there is none.
 */
export declare function readProfile(config: StorageConfig, now?: number): Promise<ProfileData | undefined>;
/** Keeps what was found out, in the storage folder. Its own folder must be there. */
export declare function keepProfile(config: StorageConfig, profile: ProfileData, now?: number): Promise<void>;
/** Forgets it: after a change of the bucket that may have changed what it does. */
export declare function forgetProfile(config: StorageConfig): Promise<void>;
