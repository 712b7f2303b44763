import type { LifecycleRule } from '../../service/lifecycle/rules.js';
import { type XmlElement } from '../../stores/s3/xml-element.js';
/** A rule as a bucket has it, and what of it nobody here knows. */
export interface ReadRule {
    readonly rule: LifecycleRule;
    /** Names of the elements that the rule is not told by, such as `NoncurrentVersionTransition`. */
    readonly unknown: readonly string[];
}
/** The rule as S3 takes it (S3 API, "LifecycleRule"). */
export declare function toXml(rule: LifecycleRule): XmlElement;
/** Reads a rule of a bucket, as far as it is known here. */
export declare function fromXml(element: XmlElement): ReadRule;
/** The rule's id; empty where it has none. */
export declare function idOf(rule: XmlElement): string;
/**
 * A rule as it is to be given back to the server that it came from. Ceph 16 answers with conditions beside `And`, and where it
 * is given them like that it passes the prefix over: the rule would be for every file. All of them belong into `And`.
 */
export declare function toGiveBack(rule: XmlElement): XmlElement;
/** The rule, but put out of action. */
export declare function disabled(rule: XmlElement): XmlElement;
/** What a rule means, as a text that two rules share if and only if they mean the same, in whatever order and form. */
export declare function meaningOf(rule: XmlElement): string;
