import fs from 'node:fs';
/** A callback call as a promise: half the cost of `node:fs/promises`, whose file handles and streams are not needed here. */
function call(start) {
    return new Promise((resolve, reject) => {
        start((error, value) => {
            if (error === null)
                resolve(value);
            else
                reject(error);
        });
    });
}
function callVoid(start) {
    return new Promise((resolve, reject) => {
        start(error => {
            // Some calls give undefined where there is no error.
            if (error)
                reject(error);
            else
                resolve();
        });
    });
}
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
/** A pipe that somebody put in a file's place does not hold up who opens it. */
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;
/** The machine's own filesystem. */
export const diskFiles = {
    openToRead: path => call(done => fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, done)),
    create: path => call(done => fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o444, done)),
    read: async (fd, buffer, length, position) => {
        let filled = 0;
        while (filled < length) {
            const at = filled;
            const read = await call(done => fs.read(fd, buffer, at, length - at, position + at, done));
            if (read === 0)
                break;
            filled += read;
        }
        return filled;
    },
    write: async (fd, bytes, position) => {
        let written = 0;
        while (written < bytes.length) {
            const at = written;
            written += await call(done => fs.write(fd, bytes, at, bytes.length - at, position + at, done));
        }
    },
    fsync: fd => callVoid(done => fs.fsync(fd, done)),
    fstat: async (fd) => statOf(await call(done => fs.fstat(fd, done))),
    close: fd => callVoid(done => fs.close(fd, done)),
    fsyncFolder: async (path) => {
        // Windows opens no folders; its filesystem journals the names by itself.
        if (process.platform === 'win32')
            return;
        const fd = await call(done => fs.open(path, O_RDONLY, done));
        try {
            await callVoid(done => fs.fsync(fd, done));
        }
        finally {
            await callVoid(done => fs.close(fd, done));
        }
    },
    lstat: async (path) => statOf(await call(done => fs.lstat(path, done))),
    link: (from, to) => callVoid(done => fs.link(from, to, done)),
    rename: (from, to) => callVoid(done => fs.rename(from, to, done)),
    unlink: path => callVoid(done => fs.unlink(path, done)),
    mkdir: path => callVoid(done => fs.mkdir(path, done)),
    rmdir: path => callVoid(done => fs.rmdir(path, done)),
    readFolder: async (path) => {
        const entries = await call(done => fs.readdir(path, { encoding: 'buffer', withFileTypes: true }, done));
        return entries.map(entry => ({ name: entry.name, kind: kindOf(entry) }));
    },
    realpath: path => call(done => fs.realpath.native(path, done)),
};
function statOf(stat) {
    return { dev: stat.dev, ino: stat.ino, size: stat.size, mtimeMs: stat.mtimeMs, kind: kindOf(stat) };
}
function kindOf(entry) {
    if (entry.isFile())
        return 'file';
    if (entry.isDirectory())
        return 'folder';
    return entry.isSymbolicLink() ? 'link' : 'other';
}
/** Whether two looks saw the same file in the same state. */
export function sameIdentity(a, b) {
    return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.dev === b.dev;
}
/** The `code` of a system error, such as `ENOENT`; undefined for anything else. */
export function systemCode(error) {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
//# sourceMappingURL=files.js.map