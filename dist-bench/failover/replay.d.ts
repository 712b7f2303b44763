import type { ObjectStat } from '../core/store.js';
import type { Attempts } from './attempt.js';
import { type Context } from './context.js';
import { type JournaledPut, type JournaledState, type JournalRow } from './journal.js';
/** What became of an entry: `again` if the row changed meanwhile, `later` if the primary did not do its part. */
export type Replayed = 'done' | 'again' | 'later';
export interface ReplayOptions {
    /** This host, as stamps name it. */
    readonly host: string;
    /** Requests at once. */
    readonly concurrency: number;
    readonly signal: AbortSignal;
    /** Whether more may be sent. */
    readonly mayGoOn: () => boolean;
    /** Whether more is there to be sent. */
    readonly hasMore: () => boolean;
    /** Told when a request has ended. */
    readonly onRoom: () => void;
}
/** Brings one entry to the primary: the newest acknowledged state of one key. */
export declare class Replay {
    #private;
    constructor(context: Context, attempts: Attempts, options: ReplayOptions);
    /** Whether one more request would have to wait for its turn. */
    get isFull(): boolean;
    /** Waits for a request's turn. Commits and listings wait for none, and no request waits for them. */
    turn<T>(request: () => Promise<T>): Promise<T>;
    /**
     * @param epoch the one in which we may change rows
     * @param tried whether it was tried before, so that the primary may hold something of it
     */
    run(row: JournalRow, epoch: number, tried: boolean): Promise<Replayed>;
}
/** Whether the primary holds the very state: by write id, size and SHA-256, or the ETag that our own success returned. */
export declare function agrees(object: ObjectStat, state: JournaledPut, writtenEtag?: string): boolean;
/** Whether somebody else's object is newer than the state: by stamps, or by its date with a bound for the clocks. */
export declare function isNewer(object: ObjectStat, state: JournaledState): boolean;
