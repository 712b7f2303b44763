import type { DueItem, LifecycleAction } from './due-versions.js';
/** How much rules do something to. */
export interface DueTotal {
    readonly count: number;
    readonly bytes: number;
}
/** How many things a simulation has found, and of how many bytes, by rule and action. */
export declare class DueTally {
    #private;
    add({ rule, action, size }: DueItem): void;
    get rules(): Readonly<Record<string, Partial<Record<LifecycleAction, DueTotal>>>>;
    get count(): number;
    get bytes(): number;
    /** The totals one after the other. */
    rows(): ({
        readonly rule: string;
        readonly action: LifecycleAction;
    } & DueTotal)[];
}
