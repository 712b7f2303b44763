import { type Files } from './files.js';
/** The processes that have a folder open, by their ids: each has its staging folder. */
export declare function livingProcesses(files: Pick<Files, 'readFolder'>, ownPath: string, isDead: (processId: string) => boolean): Promise<string[]>;
