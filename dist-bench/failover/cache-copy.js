import { futimes } from 'node:fs';
import { crc32 } from 'node:zlib';
import { decodeEnd, END_BYTES, endLength, PIECE_BYTES } from './cache-file.js';
import { SMALL_BYTES } from './read-cache.js';
/**
 * Reads what a file holds a copy of; of a small copy also the bytes.
 *
 * @param fd stays the caller's to close where there is no copy
 * @returns undefined if the file is no whole copy
 */
export async function openCopy(files, fd, { touchMs, onUse }) {
    const { size, mtimeMs, ino } = await files.fstat(fd);
    const read = await readEnd(files, fd, size, END_BYTES);
    const length = endLength(read);
    if (length === undefined || length > size)
        return undefined;
    const end = length <= read.length ? read.subarray(read.length - length) : await readEnd(files, fd, size, length);
    const file = decodeEnd(end, size);
    if (file === undefined)
        return undefined;
    const { stat, checks, target } = file;
    const pieceFrom = async (index) => {
        const start = index * PIECE_BYTES;
        const bytes = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, stat.size - start));
        const got = await files.read(fd, bytes, bytes.length, start);
        return got === bytes.length && crc32(bytes) === checks[index] ? bytes : undefined;
    };
    const isRead = read.length === size && stat.size > 0 && stat.size <= SMALL_BYTES;
    const small = isRead ? read.subarray(0, stat.size) : undefined;
    if (small !== undefined && crc32(small) !== checks[0])
        return undefined;
    let touching;
    let closing;
    let reading;
    return {
        stat,
        target,
        ino,
        mtimeMs,
        confirmedAt: new Date(mtimeMs),
        pieceBytes: PIECE_BYTES,
        piece: index => {
            if (small !== undefined)
                return Promise.resolve(small);
            const piece = pieceFrom(index).catch(() => undefined);
            reading = piece;
            return piece;
        },
        used: confirmed => {
            onUse();
            const now = Date.now();
            if (touching !== undefined || Math.abs(now - mtimeMs) < touchMs)
                return;
            // The time of the last change tells when it was confirmed, that of the last access when it was used.
            touching = new Promise(resolve => {
                futimes(fd, now / 1000, confirmed ? now / 1000 : mtimeMs / 1000, () => resolve());
            });
        },
        close: () => {
            // A descriptor is not closed under a read: its number may be another file's by then.
            closing ??= Promise.all([touching, reading]).then(() => files.close(fd).catch(() => { }));
            return closing;
        },
    };
}
async function readEnd(files, fd, size, length) {
    const end = Buffer.allocUnsafeSlow(Math.min(size, length));
    const read = await files.read(fd, end, end.length, size - end.length);
    return end.subarray(0, read);
}
//# sourceMappingURL=cache-copy.js.map