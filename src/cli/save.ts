import type { Stats } from 'node:fs'
import { lstat, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bytes, lstatIfThere, replaceFile } from '../operations/save-file.js'
import { isSystemError, usageError } from './failure.js'

/**
 * Saves files below one folder, and never outside it: a symbolic link on the way, or in the place of the file,
 * is refused, whoever put it there.
 */
export class Folder {
  readonly root: string
  /** Folders below the root that are known to be there and to be no links. */
  readonly #known = new Set<string>()

  /** @param root must be there; symbolic links on the way to it are followed */
  constructor(root: string) {
    this.root = root
  }

  /**
   * Writes the file as `saveFile` does, with the folders on the way to it.
   *
   * @param name relative, with `/` between its segments
   * @returns the path written
   * @throws StorageError `INVALID_ARGUMENT` if something is in the way; the system's error
   */
  async save(name: string, bytes: Bytes, moved: (bytes: number) => void): Promise<string> {
    const segments = name.split('/')
    for (const segment of segments) checkSegment(segment)
    const path = join(this.root, ...segments)
    await this.#makeFolders(segments.slice(0, -1))
    const there = await lstatIfThere(path)
    if (there !== undefined && !there.isFile()) throw inTheWay(path, kindOf(there))
    await replaceFile(path, there, bytes, { moved })
    return path
  }

  async #makeFolders(segments: readonly string[]): Promise<void> {
    let path = this.root
    for (const segment of segments) {
      path = join(path, segment)
      if (this.#known.has(path)) continue
      try {
        await mkdir(path)
      } catch (error) {
        const there = isSystemError(error) && error.code === 'EEXIST' ? await lstat(path) : undefined
        if (there === undefined) throw error
        if (!there.isDirectory()) throw inTheWay(path, kindOf(there))
      }
      if (this.#known.size >= MAX_KNOWN_FOLDERS) this.#known.clear()
      this.#known.add(path)
    }
  }
}

const MAX_KNOWN_FOLDERS = 10_000

/** Names that a key may have and Windows does not: reserved devices, forbidden characters, a dot or space at the end. */
const NO_WINDOWS_NAME = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[<>:"|?*]|[. ]$/i

function checkSegment(segment: string): void {
  const isPlain = segment !== '' && segment !== '.' && segment !== '..' && !/[/\\\0]/.test(segment)
  if (isPlain && !(process.platform === 'win32' && NO_WINDOWS_NAME.test(segment))) return
  throw usageError('No file can have this name here.')
}

function inTheWay(path: string, what: string): Error {
  return usageError(`${path} is ${what}, and is in the way.`)
}

function kindOf(there: Stats): string {
  return there.isSymbolicLink() ? 'a symbolic link' : there.isDirectory() ? 'a folder' : 'a file'
}

/** Whether something is at a path, links followed. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isSystemError(error)) return false
    throw error
  }
}
