import type { LifecycleRule } from './rules.js';
/** What a rule is for, in words: `files below uploads/temp/, tagged kind=draft, larger than 1024 bytes`. */
export declare function filterText({ filter }: LifecycleRule): string;
/** What a rule does, in words: `expire after 7 days; abort uploads after 1 day`. */
export declare function actionsText(rule: LifecycleRule): string;
