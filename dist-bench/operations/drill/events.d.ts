/**
 * What the drill tells its oracle while it works, in order: what was asked of the storage, and what it answered.
 * `id` ties an answer to what was asked.
 */
export type DrillEvent = {
    readonly type: 'put';
    readonly id: number;
    readonly key: string;
    readonly content: Content;
} | {
    readonly type: 'delete';
    readonly id: number;
    readonly key: string;
} | {
    readonly type: 'acknowledged';
    readonly id: number;
} | {
    readonly type: 'refused';
    readonly id: number;
    readonly code: string;
} | {
    readonly type: 'read';
    readonly id: number;
    readonly key: string;
} | {
    readonly type: 'found';
    readonly id: number;
    readonly content: Content;
} | {
    readonly type: 'absent';
    readonly id: number;
} | {
    readonly type: 'unread';
    readonly id: number;
    readonly code: string;
} | {
    readonly type: 'list';
    readonly id: number;
    readonly prefix: string;
} | {
    readonly type: 'listed';
    readonly id: number;
    readonly files: readonly (readonly [key: string, size: number])[];
    readonly complete: boolean;
};
/** Bytes as the oracle knows them. */
export interface Content {
    readonly size: number;
    /** Lower-case hex. */
    readonly sha256: string;
}
/** How storage can betray what it acknowledged. */
export declare const DIFFERENCES: readonly ['lost', 'resurrected', 'shadowed', 'partial'];
/**
 * - `lost`: an acknowledged object is not there
 * - `resurrected`: an object is there though its removal was acknowledged
 * - `shadowed`: an older version is there in the place of the newest acknowledged one
 * - `partial`: bytes are there that nobody wrote like that
 */
export type Difference = (typeof DIFFERENCES)[number];
/** One difference between what was acknowledged and what was seen. */
export interface Finding {
    readonly kind: Difference;
    readonly key: string;
    /** Where it was seen: by a reader or in a listing of the storage, or in the bucket itself. */
    readonly where: 'read' | 'listing' | 'bucket';
    readonly expected: string;
    readonly found: string;
}
