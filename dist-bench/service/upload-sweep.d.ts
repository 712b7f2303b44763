import type { Logger } from '../core/logger.js';
import type { Root } from '../stores/local/root.js';
import type { PendingUpload, UploadLog } from '../stores/s3/upload-log.js';
/**
 * The list of uploads in parts under way, in the storage folder's ledger, and the end of those that nobody completes:
 * given up while the bucket was away, or left by processes that died.
 */
export declare class UploadSweep implements UploadLog {
    #private;
    constructor(root: Root, logger: Logger);
    /** A ledger that cannot be written stops no upload to a bucket that works: the upload goes on without the list. */
    begin(upload: PendingUpload): Promise<void>;
    end(uploadId: string): Promise<void>;
    abandon(upload: PendingUpload): void;
    orphans(): Promise<readonly PendingUpload[]>;
    /**
     * Aborts what there is to abort, in the background.
     *
     * @param abort goes through {@link orphans}
     */
    look(abort: () => Promise<{
        readonly failed: number;
    }>): void;
    /** Resolves when nothing is being aborted. */
    idle(): Promise<void>;
}
