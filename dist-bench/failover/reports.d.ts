import type { ErrorCode } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import type { Ledger } from '../stores/local/ledger.js';
import type { Availability } from './availability.js';
import type { Chronicle } from './chronicle.js';
import type { Totals } from './totals.js';
/** Why a process does not reach the primary, and since when: milliseconds since the epoch. */
export interface AwayReport {
    readonly since: number;
    readonly code: ErrorCode;
    readonly message: string;
}
/** What a process of the folder tells the others of the primary: what only its own memory knows. */
export interface ProcessReport {
    readonly reads?: AwayReport | undefined;
    readonly writes?: AwayReport | undefined;
    /** How fast it brings things to the primary, while something waits. */
    readonly operationsPerSecond: number;
    readonly bytesPerSecond: number;
}
/** Where the processes of a folder leave their reports for one another. */
export interface ReportBoard {
    /** Every process's report; one that has none is well, and brings nothing to the primary. */
    all(): {
        readonly process: string;
        readonly report: ProcessReport;
    }[];
    /** Replaces the report of a process; undefined removes it. */
    post(process: string, report: ProcessReport | undefined): Promise<void>;
}
/** The reports in the ledger of the storage folder. */
export declare class LedgerReportBoard implements ReportBoard {
    #private;
    constructor(ledger: Ledger);
    all(): {
        process: string;
        report: ProcessReport;
    }[];
    post(process: string, report: ProcessReport | undefined): Promise<void>;
}
export interface ReporterOptions {
    readonly board: ReportBoard;
    readonly processId: string;
    readonly isDead: (process: string) => boolean;
    readonly availability: Pick<Availability, 'reads' | 'writes'>;
    readonly chronicle: Pick<Chronicle, 'rate'>;
    readonly totals: Pick<Totals, 'totals'>;
    readonly logger: Logger;
}
/** Keeps the report of this process up to date. A process that is well, and was, commits nothing. */
export declare class Reporter {
    #private;
    constructor(options: ReporterOptions);
    /** Removes what processes that have died said last. */
    sweep(): Promise<void>;
    /** Tells the others what has changed, if anything has. Called every few seconds. */
    tick(): void;
    /** Takes the report back. */
    close(): Promise<void>;
}
