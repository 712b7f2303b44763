/**
 * Calls `work` for every item, `concurrency` at once, taking the next item only when there is room for it: any
 * number of items in constant memory. The first rejection ends it, once the calls under way have ended, and so
 * does `work` returning false.
 */
export async function concurrently(items, concurrency, work) {
    const iterator = items[Symbol.asyncIterator]();
    let stopped = false;
    const worker = async () => {
        try {
            while (!stopped) {
                const next = await iterator.next();
                if (next.done === true)
                    return;
                if (!(await work(next.value)))
                    break;
            }
        }
        catch (error) {
            stopped = true;
            throw error;
        }
        stopped = true;
    };
    const ends = await Promise.allSettled(Array.from({ length: concurrency }, worker));
    await iterator.return?.();
    for (const end of ends)
        if (end.status === 'rejected')
            throw end.reason;
}
//# sourceMappingURL=concurrently.js.map