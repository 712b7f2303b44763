import { type FileIdentity } from './walk.js';
/**
 * The bytes of every file below a folder, links left alone, to know beforehand how much there is to do. What
 * cannot be read is left out. Synchronous calls, some at a time: asynchronous ones would wait behind those of the
 * transfer that is being measured, and end when it does.
 *
 * @param avoid a folder to pass over
 */
export declare function measure(root: string, avoid: FileIdentity | undefined): AsyncGenerator<number>;
