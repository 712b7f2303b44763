import { StorageError } from '../../core/errors.js';
import { internalKey } from '../../core/key.js';
import { keyPath, readWritten } from './requests.js';
import { EMPTY_SHA256 } from './sigv4.js';
const PROBE_KEY = internalKey('probe/reachable');
/**
 * Checks that the bucket can be used with these credentials, by asking for an object of our own. Where that is
 * refused, which without s3:ListBucket it also is while the object is not there, the object is written.
 *
 * @throws StorageError that names what is wrong: `UNAUTHENTICATED`, `PERMISSION_DENIED`, `NO_SUCH_BUCKET`,
 *   `CLOCK_SKEW`, `CONFIG_INVALID` for another region (naming it), `UNAVAILABLE`, `TIMEOUT`, `THROTTLED`
 */
export async function probeBucket(client, { signal } = {}) {
    const path = keyPath(client, PROBE_KEY);
    const base = { op: 'probe', path, signal };
    try {
        await client.send({ ...base, method: 'GET', headers: ['range', 'bytes=0-0'], expected: [416] }, () => { });
    }
    catch (error) {
        if (StorageError.is(error, 'NOT_FOUND'))
            return;
        if (!StorageError.is(error, 'PERMISSION_DENIED'))
            throw error;
        const call = { ...base, method: 'PUT', payloadHash: EMPTY_SHA256 };
        await client.send(call, answer => readWritten(call, answer));
    }
}
//# sourceMappingURL=probe.js.map