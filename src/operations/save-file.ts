import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StorageError } from '../core/errors.js'
import { systemCode } from '../stores/local/files.js'

/** What is written. */
export type Bytes = AsyncIterable<Uint8Array>

export interface SaveOptions {
  /** Told of bytes as they are written. */
  readonly moved?: (bytes: number) => void
  /** Whether the file is on the disk itself before it takes its place; false unless given. */
  readonly sync?: boolean
}

/**
 * Writes a file, whole or not at all: into a temporary file beside it, which then takes its place. What was
 * there before is replaced, and its permissions stay. A symbolic link keeps pointing where it does; a device or
 * pipe is written to as it is.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a folder, or where there is no folder for it; the system's error;
 *   whatever `bytes` throws. In any case nothing has changed.
 */
export async function saveFile(path: string, bytes: Bytes, options: SaveOptions = {}): Promise<void> {
  const there = await statIfThere(path)
  if (there === undefined || there.isFile()) {
    return replaceFile(there === undefined ? path : await realpath(path), there, bytes, options)
  }
  if (there.isDirectory()) throw unfit(`${path} is a folder, and the name of a file is accepted.`)
  await using file = await open(path, 'w')
  await writeAll(file, bytes, options)
}

/** {@link saveFile} for a path of which it is known what is there: a file, or nothing. */
export async function replaceFile(
  path: string,
  before: Stats | undefined,
  bytes: Bytes,
  options: SaveOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.holdfast-${randomBytes(6).toString('hex')}.tmp`)
  const file = await open(temporary, 'wx', before === undefined ? 0o666 : 0o600).catch(error => {
    // It would name the temporary file, which nobody knows.
    throw systemCode(error) === 'ENOENT' ? unfit(`There is no folder ${dirname(path)}.`) : error
  })
  try {
    try {
      await writeAll(file, bytes, options)
      if (before !== undefined) await file.chmod(before.mode & 0o777)
      if (options.sync) await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    // A folder of that name was made meanwhile.
    if (systemCode(error) === 'EISDIR') throw unfit(`${path} is a folder, and is in the way.`)
    throw error
  }
}

async function writeAll(file: FileHandle, bytes: Bytes, { moved }: SaveOptions): Promise<void> {
  for await (const chunk of bytes) {
    let written = 0
    while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten
    moved?.(chunk.length)
  }
}

/** What is at a path, links followed; undefined for nothing. A link that leads nowhere is an error. */
async function statIfThere(path: string): Promise<Stats | undefined> {
  const there = await lstatIfThere(path)
  return there?.isSymbolicLink() ? stat(path) : there
}

/** What is at a path, which may be a link; undefined for nothing. */
export async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function unfit(message: string): StorageError {
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'save', message })
}
