import { type Command } from 'commander';
import type { FlagValues } from './settings.js';
/** Gives a program the flags that every verb takes. */
export declare function addGlobalFlags(program: Command): void;
/** Gives a verb the flags of the server's address. */
export declare function addServerFlags(command: Command): Command;
/** Gives a verb the flag of the address that signed URLs begin with. */
export declare function addPublicUrlFlag(command: Command): Command;
/** Gives a verb the flag of the file of lifecycle rules. */
export declare function addRulesFlag(command: Command): Command;
/** The values of all flags that set a variable, as they were given to a verb and to the program. */
export declare function flagValues(command: Command): FlagValues;
