import { StorageError } from '../../core/errors.js';
import type { Check, Finding, Verdict } from './findings.js';
/** Goes through checks one after the other; what a fault leaves without ground is skipped, and says so. */
export declare class Examination {
    #private;
    /**
     * @throws StorageError `ABORTED`
     */
    run<P>(checks: readonly Check<P>[], patient: P, signal: AbortSignal | undefined): AsyncGenerator<Finding>;
}
/** The fault that an error of a store stands for. */
export declare function faultOf(error: StorageError): Verdict;
