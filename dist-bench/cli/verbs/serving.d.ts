import { type Command } from 'commander';
import { type Perform } from './common.js';
/** The verb serve. */
export declare function addServing(program: Command, perform: Perform): void;
/** The verb bucket. */
export declare function addBucket(program: Command, perform: Perform): void;
