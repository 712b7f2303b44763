import type { Command } from 'commander';
import { type Tree } from '../completion-scripts.js';
import type { Context } from '../context.js';
/** Prints a script that completes the command line of `program` in a shell. */
export declare function completion(context: Context, shell: string, program: Command): Promise<number>;
/** The verbs and flags of a program, as its help shows them. */
export declare function treeOf(program: Command): Tree;
