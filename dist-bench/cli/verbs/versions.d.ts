import { type Command } from 'commander';
import { type Perform } from './common.js';
/** The verb versions. */
export declare function addVersions(program: Command, perform: Perform): void;
