import { type Key } from '../core/key.js';
import type { Ledger, LedgerSnapshot } from '../stores/local/ledger.js';
import type { CommitOptions, Conflict, Journal, JournalRow, Owner, RowContent, ScanOptions } from './journal.js';
/** The journal in the ledger of the storage folder: shared by its processes, durable with each commit. */
export declare class LedgerJournal implements Journal {
    #private;
    constructor(ledger: Ledger);
    get(key: Key): JournalRow | undefined;
    scan({ prefix, after, limit }: ScanOptions, at?: LedgerSnapshot): JournalRow[];
    size(): number;
    commit(key: Key, seen: JournalRow | undefined, next: RowContent | undefined, options?: CommitOptions): Promise<boolean>;
    owner(): Owner | undefined;
    claim(seen: Owner | undefined, holder: string): Promise<number | undefined>;
    beat(epoch: number): Promise<boolean>;
    release(epoch: number): Promise<void>;
    processes(): string[];
    enter(process: string): Promise<void>;
    leave(process: string): Promise<void>;
    suspectedAt(): number;
    suspect(signedAt: number): Promise<void>;
    conflicts(): Conflict[];
    /** Conflicts in the order of their ids, those after one of them. */
    conflictPage(after: string | undefined, limit: number, at?: LedgerSnapshot): Conflict[];
    /** One conflict; undefined if it was ended. */
    conflict(id: string): Conflict | undefined;
    conflictCount(): number;
    addConflict(conflict: Conflict): Promise<void>;
    removeConflict(id: string): Promise<void>;
}
