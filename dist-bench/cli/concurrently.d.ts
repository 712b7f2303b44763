/**
 * Calls `work` for every item, `concurrency` at once, taking the next item only when there is room for it: any
 * number of items in constant memory. The first rejection ends it, once the calls under way have ended, and so
 * does `work` returning false.
 */
export declare function concurrently<T>(items: AsyncIterable<T>, concurrency: number, work: (item: T) => Promise<boolean>): Promise<void>;
