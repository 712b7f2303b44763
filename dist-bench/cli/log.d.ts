import type { Logger } from '../core/logger.js';
import type { Output } from './output.js';
declare const LEVELS: readonly ['debug', 'info', 'warn', 'error'];
type Level = (typeof LEVELS)[number];
/** A logger to stderr: a JSON object a line for programs, or a readable line where a person watches. */
export declare function createLog(output: Output, lowest: Level, readable: boolean): Logger;
export {};
