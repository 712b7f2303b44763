import assert from 'node:assert/strict';
import { StorageError } from '../core/errors.js';
/**
 * Asserts that the operation is refused with a StorageError of this code (or one of these).
 *
 * @returns the error
 */
export async function rejects(code, run) {
    const codes = typeof code === 'string' ? [code] : code;
    let result;
    try {
        result = await run();
    }
    catch (error) {
        const storageError = asStorageError(error);
        if (codes.includes(storageError.code))
            return storageError;
        throw new assert.AssertionError({
            message: `rejected with ${storageError.code} (${storageError.message}) instead of ${codes.join(' or ')}`,
            actual: storageError.code,
            expected: codes.join(' or '),
        });
    }
    throw new assert.AssertionError({
        message: `was not rejected with ${codes.join(' or ')}`,
        actual: result,
        expected: codes.join(' or '),
    });
}
/** The error, asserted to be what a store may reject with. */
export function asStorageError(error) {
    if (error instanceof assert.AssertionError)
        throw error;
    assert.ok(StorageError.is(error), `rejected with something that is no StorageError: ${String(error)}`);
    assert.ok(error.op !== '', 'the error does not name its operation');
    assert.ok(error.message !== '', 'the error has no message');
    return error;
}
/** Asserts equality without printing megabytes of bytes where it does not hold. */
export function sameBytes(actual, expected) {
    assert.ok(Buffer.isBuffer(actual), 'the bytes are no Buffer');
    if (actual.equals(expected))
        return;
    const length = Math.min(actual.length, expected.length);
    let at = 0;
    while (at < length && actual[at] === expected[at])
        at++;
    throw new assert.AssertionError({
        message: `${actual.length} bytes instead of ${expected.length}, different from byte ${at} on`,
        actual: actual.subarray(at, at + 16).toString('hex'),
        expected: expected.subarray(at, at + 16).toString('hex'),
    });
}
/** The promise's outcome, asserted to come before the runner's own patience ends, so that a check that hangs still cleans up. */
export async function inTime(what, promise, milliseconds = 20_000) {
    let timer;
    const late = new Promise((_, reject) => {
        const error = new assert.AssertionError({ message: `${what} did not end within ${milliseconds} ms` });
        timer = setTimeout(() => reject(error), milliseconds);
    });
    try {
        return await Promise.race([promise, late]);
    }
    finally {
        clearTimeout(timer);
    }
}
/** Waits for every one of the tasks, also when one fails: none goes on behind the check. */
export async function together(tasks) {
    for (const result of await Promise.allSettled(tasks)) {
        if (result.status === 'rejected')
            throw result.reason;
    }
}
//# sourceMappingURL=conformance-assert.js.map