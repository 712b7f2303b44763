import { StorageError } from '../core/errors.js';
/**
 * Writes a file's bytes as the body of an answer, at the pace of the client.
 *
 * The chunk that completes the declared length is held back until the store has confirmed the end: a store that finds
 * out only then that the bytes were wrong makes a broken transfer, and of a small file an error, never a clean answer.
 * The headers go out with the first chunk, so that whatever fails before it can still be answered.
 *
 * @param traffic counts what is sent
 * @param first chunks that were read already
 * @param length what the headers declare
 * @throws StorageError what the store threw; `INTEGRITY` where its bytes are more or fewer than `length`
 */
export async function pumpBody(response, traffic, status, headers, first, rest, length) {
    let left = length;
    for (let index = 0; left > 0; index++) {
        const chunk = first[index] ?? (await nextChunk(rest));
        if (response.destroyed)
            return;
        if (chunk === undefined)
            throw wrongLength(length, 'fewer');
        left -= chunk.length;
        if (left < 0)
            throw wrongLength(length, 'more');
        if (left === 0) {
            await expectEnd(rest, first.length > index + 1, length);
            if (!response.headersSent)
                response.writeHead(status, headers);
            response.end(chunk);
            traffic.sentBytes += chunk.length;
            return;
        }
        if (!response.headersSent)
            response.writeHead(status, headers);
        traffic.sentBytes += chunk.length;
        if (!response.write(chunk))
            await writable(response);
        if (response.destroyed)
            return;
    }
    await expectEnd(rest, first.length > 0, length);
    response.writeHead(status, headers);
    response.end();
}
async function nextChunk(chunks) {
    for (;;) {
        const { done, value } = await chunks.next();
        if (done === true)
            return undefined;
        if (value.length > 0)
            return value;
    }
}
async function expectEnd(rest, more, length) {
    if (more || (await nextChunk(rest)) !== undefined)
        throw wrongLength(length, 'more');
}
/**
 * Cuts the connection of a client that takes nothing of what was written for this long. While the store is what
 * everybody waits for, the client is not to blame. The socket's own timer is used: unlike `drain`, it sees a large chunk
 * go out piece by piece.
 */
export function watchTaking(response, idleTimeoutMs) {
    response.setTimeout(idleTimeoutMs, () => {
        if (response.writableNeedDrain || response.writableEnded)
            response.destroy();
    });
}
/** Resolves when the client has taken what was written, or is gone. */
function writable(response) {
    return new Promise(resolve => {
        const done = () => {
            response.off('drain', done).off('close', done);
            resolve();
        };
        response.on('drain', done).on('close', done);
        if (response.destroyed)
            done();
    });
}
function wrongLength(length, how) {
    return new StorageError({
        code: 'INTEGRITY',
        op: 'http',
        message: `The store gave ${how} bytes than the ${length} that the file has.`,
    });
}
//# sourceMappingURL=body-pump.js.map