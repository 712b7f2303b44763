import type { LedgerCondition, LedgerTable } from '../stores/local/ledger.js';
/** Tables beside a store, and the commits that change several of them at once; a ledger has them durably. */
export interface Tables {
    table<V>(name: string): LedgerTable<V>;
    commit(conditions: readonly LedgerCondition[], write: (version: number) => void): Promise<number | undefined>;
}
/** The tables of a store that has no folder: they last as long as the process. */
export declare class MemoryTables implements Tables {
    #private;
    table<V>(name: string): LedgerTable<V>;
    commit(conditions: readonly LedgerCondition[], write: (version: number) => void): Promise<number | undefined>;
}
