import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { SMALL_BYTES } from './read-cache.js';
export const PIECE_BYTES = 256 * 1024;
/** `size` 6, `table` 4, CRC-32 of table and told 4, bytes of told 4, and 8 that mark the end. */
const FOOT_BYTES = 26;
const MARK = Buffer.from('HFCOPY1\n');
/** What is read of the end at first: all of a small copy, and nearly always all that follows the bytes of another. */
export const END_BYTES = SMALL_BYTES + 16 * 1024;
/** How many pieces an object of this size has. */
export function piecesOf(size) {
    return Math.ceil(size / PIECE_BYTES);
}
/** What follows the bytes. */
export function encodeEnd({ target, stat, checks }) {
    const { path, pending, confirmedAt, ...told } = stat;
    const table = Buffer.alloc(checks.length * 4);
    for (const [index, check] of checks.entries())
        table.writeUInt32LE(check, index * 4);
    const body = Buffer.concat([table, serialize({ target, stat: told })]);
    const foot = Buffer.alloc(FOOT_BYTES);
    foot.writeUIntLE(stat.size, 0, 6);
    foot.writeUInt32LE(table.length, 6);
    foot.writeUInt32LE(crc32(body), 10);
    foot.writeUInt32LE(body.length, 14);
    MARK.copy(foot, 18);
    return Buffer.concat([body, foot]);
}
/** How many of the last bytes of the file are not the object's; undefined if the end is none. */
export function endLength(end) {
    if (end.length < FOOT_BYTES || !end.subarray(-MARK.length).equals(MARK))
        return undefined;
    return end.readUInt32LE(end.length - FOOT_BYTES + 14) + FOOT_BYTES;
}
/**
 * Reads what follows the bytes.
 *
 * @param end the last bytes of the file, as many as {@link endLength} says
 * @returns undefined if it is not whole, or not that of a file of this size
 */
export function decodeEnd(end, fileSize) {
    const foot = end.subarray(-FOOT_BYTES);
    const body = end.subarray(0, -FOOT_BYTES);
    const size = foot.readUIntLE(0, 6);
    const tableBytes = foot.readUInt32LE(6);
    if (size + end.length !== fileSize || tableBytes !== piecesOf(size) * 4)
        return undefined;
    if (crc32(body) !== foot.readUInt32LE(10))
        return undefined;
    const checks = new Uint32Array(tableBytes / 4);
    for (let index = 0; index < checks.length; index++)
        checks[index] = body.readUInt32LE(index * 4);
    // Only what a process of this folder has written has the right CRC.
    const { target, stat } = deserialize(body.subarray(tableBytes));
    return stat.size === size ? { target, stat, checks } : undefined;
}
//# sourceMappingURL=cache-file.js.map