import { type Command } from 'commander';
import { type Perform } from './common.js';
/** The verb lifecycle. */
export declare function addLifecycle(program: Command, perform: Perform): void;
