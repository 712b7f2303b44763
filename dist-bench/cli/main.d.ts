#!/usr/bin/env node
/**
 * Runs the command line.
 *
 * @param argv the arguments, without the names of Node and of the script
 * @returns the exit code: 0 ok, 1 failed, 2 usage or configuration, 3 not found, 4 unavailable, 5 partly done or
 *   work left, 6 differences found, 130 interrupted. Never rejects.
 */
export declare function run(argv: readonly string[]): Promise<number>;
