import { type StorageConfig } from '../../config.js';
import { type LifecycleRule } from '../../service/lifecycle/rules.js';
import { type LifecycleDocument } from '../../stores/s3/lifecycle.js';
/** What the ids of rules begin with that are ours to change; those of others are left alone. */
export declare const OWN_PREFIX = "holdfast-";
/** A rule in force at a bucket. */
export interface BucketRule {
    /** As in the file of rules for one of ours; as the bucket has it for one of others. */
    readonly id: string;
    readonly owner: 'holdfast' | 'other';
    readonly rule: LifecycleRule;
    /** What else the rule holds, which is kept as it is and not looked at. */
    readonly unknown: readonly string[];
}
/** What applying rules does to one of a bucket's. */
export interface RuleChange {
    readonly change: 'add' | 'change' | 'remove';
    readonly id: string;
    /** What the bucket has. */
    readonly from?: LifecycleRule;
    /** What it is to have. */
    readonly to?: LifecycleRule;
}
/** What applying rules comes to, and for which rules of the bucket that was found out. */
export interface RulePlan {
    readonly changes: readonly RuleChange[];
    /** Rules of ours that are as they should be. */
    readonly unchanged: number;
    /** Rules of others, which stay. */
    readonly others: number;
    /** @internal */
    readonly before: LifecycleDocument;
    /** @internal */
    readonly after: LifecycleDocument;
    /** @internal Which of the rules to come are to be tried out before they are in force. */
    readonly tryFirst: readonly string[];
}
/** Rules as they act together. */
export interface RulesInForce {
    /** Ours with their ids in the file, those of others with the ids that they have. */
    readonly rules: readonly LifecycleRule[];
    /** Rules of others that do something which nobody here knows. */
    readonly notWhole: readonly BucketRule[];
    readonly transitionMinimum: string | undefined;
}
/** The lifecycle rules of the configured bucket. Every method throws what {@link LifecycleSettings} throws. */
export declare class BucketRules {
    #private;
    /** @throws StorageError `CONFIG_INVALID` where no object storage is configured */
    constructor(config: StorageConfig);
    get bucket(): string;
    /** The rules in force, ours and those of others. */
    read(signal?: AbortSignal): Promise<BucketRule[]>;
    /**
     * The rules that are in force.
     *
     * @param ours where given, as if these had been applied
     */
    inForce(ours: readonly LifecycleRule[] | undefined, signal?: AbortSignal): Promise<RulesInForce>;
    /** What {@link apply} would do with these rules as ours. Changes nothing. */
    plan(rules: readonly LifecycleRule[], signal?: AbortSignal): Promise<RulePlan>;
    /**
     * Carries out a plan, and reads back what came of it. Rules whose filter a server could pass over are given to it out of
     * force first, so that no rule ever removes more than was asked. Where the server keeps something else than it was
     * given, the rules from before are put back.
     *
     * @throws StorageError `PRECONDITION_FAILED` if the bucket's rules are others by now: nothing was done. `UNSUPPORTED` if the
     *   server does not keep what a rule asks for, `INVALID_ARGUMENT` if it refuses it: all is as before.
     */
    apply(plan: RulePlan, signal?: AbortSignal): Promise<void>;
    close(): Promise<void>;
}
