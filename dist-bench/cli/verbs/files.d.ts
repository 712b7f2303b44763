import { type Command } from 'commander';
import { type Perform } from './common.js';
/** The verbs ls, stat, rm, cp, mv, import, presign. */
export declare function addFileVerbs(program: Command, perform: Perform): void;
