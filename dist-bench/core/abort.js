import { abortError, throwIfAborted } from './errors.js';
/**
 * The source, each read of which ends with the signal's error as soon as the signal fires: content that stalls
 * holds up no abort. A signal that fired before lets no byte be read.
 */
export function endedBy(signal, source, op, key) {
    if (signal === undefined)
        return source;
    return {
        size: source.size,
        read: async (offset, length) => {
            throwIfAborted(signal, op, key);
            return orAborted(source.read(offset, length), signal, op, key);
        },
        release: offset => source.release(offset),
        close: () => source.close(),
    };
}
/** What the promise settles with, or the signal's error if that fires first. */
export async function orAborted(promise, signal, op, key) {
    let onAbort = () => { };
    const aborted = new Promise((_, reject) => {
        onAbort = () => reject(abortError(signal, op, key));
        signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
        return await Promise.race([promise, aborted]);
    }
    finally {
        signal.removeEventListener('abort', onAbort);
    }
}
//# sourceMappingURL=abort.js.map