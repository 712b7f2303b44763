import { type Command } from 'commander';
import { type Perform } from './common.js';
/** The verb spool. */
export declare function addSpool(program: Command, perform: Perform): void;
/** The verb detach. */
export declare function addDetach(program: Command, perform: Perform): void;
/** The verb drill. */
export declare function addDrill(program: Command, perform: Perform): void;
