import type { Command } from 'commander';
import { type Perform } from './common.js';
/** The verbs keep, sweep. */
export declare function addExpiry(program: Command, perform: Perform): void;
