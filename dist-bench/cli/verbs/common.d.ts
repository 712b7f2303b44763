import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
/** Runs a verb once the command line has been read; told the verb's command, whose options it needs. */
export type Perform = (command: Command, verb: (context: Context) => Promise<number>) => Promise<void>;
/** `--concurrency`, of verbs that work on many files. */
export declare function concurrency(): Option;
/** `--dry-run`, of verbs that change or remove something. */
export declare function dryRun(): Option;
/** The examples at the end of a verb's help. */
export declare function examples(...lines: readonly string[]): string;
