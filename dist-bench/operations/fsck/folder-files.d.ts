import type { Check } from './check.js';
/** Looks for what processes that ended have left in their staging folders. */
export declare function checkStaging(check: Check): Promise<void>;
/** Tells of files that were taken out of the way of objects, and of those that were kept because nobody knew them. */
export declare function checkDisplaced(check: Check): Promise<void>;
/** Looks for files among those of the objects that no row names. */
export declare function checkTree(check: Check): Promise<void>;
