import type { Content, DrillEvent, Finding } from './events.js';
/** What may be under a key: content, or nothing. */
type State = Content | undefined;
/**
 * What was acknowledged, key by key, and the judge of what is seen: every answer of the storage is held against
 * what had been acknowledged when it was asked, and what was under way meanwhile.
 */
export declare class AcknowledgedRecord {
    #private;
    readonly findings: Finding[];
    /** Puts and deletes that were acknowledged. */
    acknowledged: number;
    /** Puts and deletes that were not, by error code. */
    readonly refused: Record<string, number>;
    /** Reads that told nothing, by error code. */
    readonly unread: Record<string, number>;
    /** Takes in what happened next. */
    take(event: DrillEvent): void;
    /** Every key that was ever written below the prefix. */
    keys(prefix: string): Generator<string>;
    /** Whether something is under the key by what was acknowledged, and nothing refused makes that doubtful. */
    isExpected(key: string): boolean;
    /** Judges what the bucket itself holds under a key. */
    judge(key: string, found: State): void;
}
export {};
