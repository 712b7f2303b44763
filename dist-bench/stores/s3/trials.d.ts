import type { S3Client } from './client.js';
import type { Feature, ProfileData } from './profile.js';
/** How each feature is tried out, on objects that are removed again. */
export declare const trials: {
    readonly [F in Feature]: (client: S3Client) => Promise<ProfileData[F]>;
};
/** All that there is to find out. */
export declare const FEATURES: Feature[];
