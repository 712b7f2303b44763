import type { LifecycleRule } from './rules.js';
/**
 * Reads a file of rules.
 *
 * @throws StorageError `CONFIG_INVALID` where it cannot be read, or as {@link parseRules}
 */
export declare function readRules(path: string): Promise<LifecycleRule[]>;
/**
 * Reads rules, in YAML or JSON: `rules:`, each with an `id`, a `filter` and what is to be done.
 *
 * @param name of the file, for errors
 * @throws StorageError `CONFIG_INVALID` that names everything that is wrong by its line: what was got, and what is accepted
 */
export declare function parseRules(text: string, name: string): Promise<LifecycleRule[]>;
