import { type Command } from 'commander';
import { type Perform } from './common.js';
/** The verbs status, config. */
export declare function addInspection(program: Command, perform: Perform): void;
/** The verb doctor. */
export declare function addDoctor(program: Command, perform: Perform): void;
/** The verb test-endpoint. */
export declare function addTestEndpoint(program: Command, perform: Perform): void;
/** The verb fsck. */
export declare function addFsck(program: Command, perform: Perform): void;
/** The verb completion. */
export declare function addCompletion(program: Command, perform: Perform): void;
