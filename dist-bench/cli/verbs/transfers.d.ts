import { type Command } from 'commander';
import { type Perform } from './common.js';
/** The verbs put, get. */
export declare function addTransfers(program: Command, perform: Perform): void;
