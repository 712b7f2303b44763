import { type StorageConfig } from '../../config.js';
import { type Finding } from './findings.js';
/** What an examination is made with. */
export interface DoctorOptions {
    readonly config: StorageConfig;
    /** Ends it, with `ABORTED`. */
    readonly signal?: AbortSignal | undefined;
}
/** Every point of an examination, in its order: those of a bucket, then those of the storage folder. */
export declare const POINTS: readonly Pick<Finding, 'check' | 'area'>[];
/**
 * Examines the configured storage: the way to the endpoint, what these credentials may do, what the server does with
 * what it is sent, whether browsers can use its URLs, the storage folder, and what waits in it. Objects of its own, under
 * `.holdfast/doctor/`, are written and removed; nothing else is touched.
 *
 * @returns findings as they are made
 * @throws StorageError `CONFIG_INVALID` where the settings cannot even be tried, `ABORTED`
 */
export declare function diagnose({ config, signal }: DoctorOptions): AsyncGenerator<Finding>;
