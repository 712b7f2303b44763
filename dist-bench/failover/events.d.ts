import type { ErrorCode } from '../core/errors.js';
/** Whether the object store takes requests that read, or that write: each is watched for itself. */
export type Direction = 'reads' | 'writes';
/** The object store takes no more reads, or no more writes. */
export interface AwayEvent {
    readonly what: Direction;
    readonly code: ErrorCode;
    readonly message: string;
}
/** The object store takes reads, or writes, again. */
export interface BackEvent {
    readonly what: Direction;
    /** How long it did not. Milliseconds. */
    readonly awayMs: number;
}
/** An operation on one file: acknowledged by the local disk, or brought to the object store later. */
export interface JournaledEvent {
    readonly key: string;
    readonly kind: 'put' | 'delete';
    /** Bytes; 0 for a delete. */
    readonly size: number;
}
/** The object store holds everything that was acknowledged. */
export interface DrainedEvent {
    /** What this process brought to it since it began to; 0 where another process of the folder did. */
    readonly operations: number;
    readonly bytes: number;
    /** Milliseconds. */
    readonly tookMs: number;
}
/** Somebody else changed a file during an outage; the version that lost is kept here. */
export interface ConflictEvent {
    readonly id: string;
    readonly key: string;
    /** Whose version lost: this host's own, or that of somebody else. */
    readonly loser: 'ours' | 'theirs';
}
/** The object store refuses an operation, or its bytes here are damaged: it waits for a person. */
export interface ParkedEvent {
    readonly key: string;
    readonly code: string;
    readonly message: string;
}
/** What happens to the net under an object store, by name. */
export interface FailoverEvents {
    away: [AwayEvent];
    back: [BackEvent];
    fallback: [JournaledEvent];
    replicated: [JournaledEvent];
    drained: [DrainedEvent];
    conflict: [ConflictEvent];
    parked: [ParkedEvent];
}
/** Who is told of the events. */
export interface FailoverListener {
    /** Whether anybody wants to hear of this event: if not, it is not even put together. */
    wants(event: keyof FailoverEvents): boolean;
    /** Never throws. */
    tell<E extends keyof FailoverEvents>(event: E, ...told: FailoverEvents[E]): void;
}
