import { type Command } from 'commander';
import type { Perform } from './verbs/common.js';
/**
 * The whole command line: verbs, arguments, options and help. What a verb does is loaded when it is run, so that
 * `--help` and completion load none of it.
 */
export declare function createProgram(version: string, perform: Perform): Command;
