import fs from 'node:fs'

/** What a name in a folder stands for. */
export type EntryKind = 'file' | 'folder' | 'link' | 'other'

/** What tells one state of a file from every other. */
export interface FileIdentity {
  readonly dev: number
  readonly ino: number
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch, with the fraction that the filesystem keeps. */
  readonly mtimeMs: number
}

export interface FileStat extends FileIdentity {
  readonly kind: EntryKind
}

export interface FolderEntry {
  /** The name's own bytes: it need not be UTF-8. */
  readonly name: Buffer
  readonly kind: EntryKind
}

/**
 * The filesystem calls that objects' bytes go through, one method a call: what a simulation of power loss or
 * of a failing disk takes the place of. Every method rejects with the system's error (`code`: `ENOENT`, ...).
 */
export interface Files {
  /** Opens for reading; a symbolic link is refused (`ELOOP`). */
  openToRead(path: string): Promise<number>
  /** Creates a file that was not there, readable by all and writable through this descriptor alone. */
  create(path: string): Promise<number>
  /** @returns the bytes read: fewer than asked for only at the end of the file */
  read(fd: number, buffer: Buffer, length: number, position: number): Promise<number>
  /** Writes all of the bytes. */
  write(fd: number, bytes: Buffer, position: number): Promise<void>
  fsync(fd: number): Promise<void>
  fstat(fd: number): Promise<FileStat>
  close(fd: number): Promise<void>
  /** Makes the names in a folder durable. */
  fsyncFolder(path: string): Promise<void>
  /** Of the name itself: a symbolic link is not followed. */
  lstat(path: string): Promise<FileStat>
  /** Gives the file a second name; never replaces one. */
  link(from: string, to: string): Promise<void>
  /** Replaces what is there. */
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  mkdir(path: string): Promise<void>
  rmdir(path: string): Promise<void>
  readFolder(path: string): Promise<FolderEntry[]>
  realpath(path: string): Promise<string>
}

type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void

/** A callback call as a promise: half the cost of `node:fs/promises`, whose file handles and streams are not needed here. */
function call<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === null) resolve(value)
      else reject(error)
    })
  })
}

function callVoid(start: (done: (error: NodeJS.ErrnoException | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start(error => {
      // Some calls give undefined where there is no error.
      if (error) reject(error)
      else resolve()
    })
  })
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0
/** A pipe that somebody put in a file's place does not hold up who opens it. */
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0

/** The machine's own filesystem. */
export const diskFiles: Files = {
  openToRead: path => call(done => fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, done)),
  create: path => call(done => fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o444, done)),
  read: async (fd, buffer, length, position) => {
    let filled = 0
    while (filled < length) {
      const at = filled
      const read = await call<number>(done => fs.read(fd, buffer, at, length - at, position + at, done))
      if (read === 0) break
      filled += read
    }
    return filled
  },
  write: async (fd, bytes, position) => {
    let written = 0
    while (written < bytes.length) {
      const at = written
      written += await call<number>(done => fs.write(fd, bytes, at, bytes.length - at, position + at, done))
    }
  },
  fsync: fd => callVoid(done => fs.fsync(fd, done)),
  fstat: async fd => statOf(await call<fs.Stats>(done => fs.fstat(fd, done))),
  close: fd => callVoid(done => fs.close(fd, done)),
  fsyncFolder: async path => {
    // Windows opens no folders; its filesystem journals the names by itself.
    if (process.platform === 'win32') return
    const fd = await call<number>(done => fs.open(path, O_RDONLY, done))
    try {
      await callVoid(done => fs.fsync(fd, done))
    } finally {
      await callVoid(done => fs.close(fd, done))
    }
  },
  lstat: async path => statOf(await call<fs.Stats>(done => fs.lstat(path, done))),
  link: (from, to) => callVoid(done => fs.link(from, to, done)),
  rename: (from, to) => callVoid(done => fs.rename(from, to, done)),
  unlink: path => callVoid(done => fs.unlink(path, done)),
  mkdir: path => callVoid(done => fs.mkdir(path, done)),
  rmdir: path => callVoid(done => fs.rmdir(path, done)),
  readFolder: async path => {
    const entries = await call<fs.Dirent[]>(done =>
      fs.readdir(path, { encoding: 'buffer', withFileTypes: true } as never, done as never),
    )
    return entries.map(entry => ({ name: entry.name as unknown as Buffer, kind: kindOf(entry) }))
  },
  realpath: path => call(done => fs.realpath.native(path, done)),
}

function statOf(stat: fs.Stats): FileStat {
  return { dev: stat.dev, ino: stat.ino, size: stat.size, mtimeMs: stat.mtimeMs, kind: kindOf(stat) }
}

function kindOf(entry: Pick<fs.Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryKind {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

/** Whether two looks saw the same file in the same state. */
export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.dev === b.dev
}

/** The `code` of a system error, such as `ENOENT`; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
