import type { Logger } from '../../core/logger.js';
import type { Stamp } from '../../core/stamp.js';
import type { S3Client } from './client.js';
import type { Profile } from './profile.js';
import type { UploadLog } from './upload-log.js';
/** What the operations of one S3 store share. */
export interface S3Context {
    readonly client: S3Client;
    readonly profile: Profile;
    readonly partSize: number;
    /** Parts of one upload on their way at once. */
    readonly concurrency: number;
    /** The largest object that one CopyObject takes, and the size of a part where more are needed. */
    readonly copyLimits: {
        readonly wholeBytes: number;
        readonly partBytes: number;
    };
    readonly nextStamp: () => Stamp;
    readonly uploads: UploadLog | undefined;
    readonly logger: Logger;
}
