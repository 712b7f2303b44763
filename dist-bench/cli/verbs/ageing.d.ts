import { type Command } from 'commander';
import { type Perform } from './common.js';
/** The verbs class, thaw, tags. */
export declare function addAgeing(program: Command, perform: Perform): void;
