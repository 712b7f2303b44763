import { randomUUID } from 'node:crypto'
import { dirname, join, sep } from 'node:path'
import { RESERVED_PREFIX } from '../../core/key.js'
import { ifThere } from './bytes.js'
import { type FileIdentity, type FileStat, sameIdentity, systemCode } from './files.js'
import { failure } from './io-error.js'
import type { Root } from './root.js'

const MAX_NAME_BYTES = 255
const RESERVED_NAME = RESERVED_PREFIX.slice(0, -1)
/** Names that Windows gives a meaning of its own, or changes. */
const WINDOWS_NAME = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[<>:"|?*]|[. ]$/i

/** A placing gives way to concurrent removals of the empty folders it needs, but not for ever. */
const ATTEMPTS = 20

/** Errors that say that the filesystem cannot hold this key as a path, and another file could be placed all the same. */
const UNPLACEABLE = new Set(['ENOTDIR', 'ENAMETOOLONG', 'EXDEV', 'EINVAL', 'EILSEQ', 'ELOOP', 'EISDIR'])
/** Errors that say that the filesystem has no hard links. */
export const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * The files of the objects as people see them, `<folder>/<key>`, and the moves between there and Holdfast's own
 * folder. Only the process that a row names as doing its work calls what changes a key's path.
 */
export class Tree {
  readonly #root: Root
  /** Folders of `objects` that are known to be there for good. */
  readonly #shards = new Set<string>()

  constructor(root: Root) {
    this.#root = root
  }

  /** A key's path in the tree. */
  path(key: string): string {
    return sep === '/' ? `${this.#root.path}/${key}` : join(this.#root.path, key)
  }

  /** Whether a file may be put there: not where the filesystem cannot hold the key, or not tell it from another. */
  holds(key: string): boolean {
    if (key.startsWith('.') && fold(key.split('/', 1)[0] ?? '') === RESERVED_NAME) return false
    // A UTF-16 unit takes at most three bytes, so only longer keys need counting.
    if (
      key.length * 3 > MAX_NAME_BYTES &&
      key.split('/').some(name => Buffer.byteLength(name) > MAX_NAME_BYTES)
    ) {
      return false
    }
    if (process.platform === 'win32' && key.split('/').some(name => WINDOWS_NAME.test(name))) return false
    // Where names differing in case or normal form are one, only one form of each is placed: so no two keys
    // ever meet in a path.
    return !this.#root.foldsNames || fold(key) === key
  }

  /** Where the file of a write lies that is not in the tree. */
  objectPath(writeId: string): string {
    return `${this.#root.ownPath}/objects/${objectFile(writeId)}`
  }

  /** Where a process writes the file of a write before it is committed. */
  stagedPath(processId: string, writeId: string): string {
    return `${this.#root.ownPath}/tmp/${processId}/${writeId}`
  }

  /**
   * Moves a file to its key's path. What is in the way there goes: earlier versions of the key for ever,
   * anything else to `.holdfast/displaced`.
   *
   * The file keeps its old name too, where it gets the new one without taking a place: were the old name's end
   * durable before the new name, a power loss would leave neither.
   *
   * @param from where the file lies, unless it is in place already
   * @param anchor makes durable the folders that the path leads through; called before the file loses its old name
   * @param touched gets the folders whose names have changed
   * @returns whether the file is in place; false if the filesystem cannot hold the key as a path
   */
  async place(
    key: string,
    path: string,
    from: string,
    identity: FileIdentity,
    earlier: readonly FileIdentity[],
    anchor: (folder: string) => Promise<void>,
    touched: Set<string>,
  ): Promise<boolean> {
    const { files } = this.#root
    const folder = dirname(path)
    touched.add(folder)
    let occupied = earlier.length > 0
    let links = true
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        if (!(await this.#makeFolder(folder, touched))) return false
        const occupant = occupied ? await this.#look(path) : undefined
        if (occupant !== undefined) {
          if (sameIdentity(occupant, identity)) return true
          if (earlier.some(version => sameIdentity(occupant, version))) {
            await anchor(folder)
            this.#root.checkHeld()
            await files.rename(from, path)
            return true
          }
          if (!(await this.#displace(key, path, occupant))) return false
        }
        if (links) {
          await files.link(from, path)
        } else {
          await anchor(folder)
          this.#root.checkHeld()
          await files.rename(from, path)
        }
        return true
      } catch (error) {
        const code = systemCode(error) ?? ''
        if (code === 'EEXIST') occupied = true
        else if (code === 'ENOENT') {
          // The folder was empty and somebody removed it, or the file has been moved already.
          occupied = true
          if ((await this.#look(from)) === undefined) {
            const there = await this.#look(path)
            if (there === undefined || !sameIdentity(there, identity)) throw error
          }
        } else if (links && NO_LINKS.has(code)) {
          links = false
          occupied = true
        } else if (UNPLACEABLE.has(code)) return false
        else throw error
      }
    }
    return false
  }

  /** Moves a file to its place under its write id. */
  async store(from: string, writeId: string, touched: Set<string>): Promise<void> {
    const { files, ownPath } = this.#root
    const path = this.objectPath(writeId)
    const folder = dirname(path)
    if (!this.#shards.has(folder)) {
      await makeFolder(this.#root, folder)
      await this.#root.bytes.syncFolder(join(ownPath, 'objects'))
      this.#shards.add(folder)
    }
    touched.add(folder)
    try {
      await files.rename(from, path)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || (await this.#look(path)) === undefined) throw error
    }
  }

  /** Removes earlier versions of a key from its path, and folders that are empty then. Anything else is displaced. */
  async clear(
    key: string,
    path: string,
    earlier: readonly FileIdentity[],
    touched: Set<string>,
  ): Promise<void> {
    const folder = dirname(path)
    const occupant = await this.#look(path)
    if (occupant !== undefined && occupant.kind !== 'folder') {
      touched.add(folder)
      if (earlier.some(version => sameIdentity(occupant, version))) {
        this.#root.checkHeld()
        await ifThere(this.#root.files.unlink(path))
      } else if (await this.#isContained(folder)) {
        await this.#displace(key, path, occupant)
      }
    }
    await this.#removeEmpty(folder)
  }

  /** The regular file at a key's own path, by its very name and through no link; undefined if there is none. */
  async find(key: string): Promise<FileStat | undefined> {
    const path = this.path(key)
    try {
      const stat = await this.#look(path)
      if (stat?.kind !== 'file' || (await this.#root.files.realpath(path)) !== path) return undefined
      if (!this.#root.foldsNames) return stat
      for (let at = path; at.length > this.#root.path.length; at = dirname(at)) {
        if (!(await this.#isNamed(at))) return undefined
      }
      return stat
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** The file at a path, if it has one of these contents, or none at all. */
  async findBytes(path: string, contents: readonly Buffer[]): Promise<FileStat | undefined> {
    const stat = await this.#look(path)
    if (stat === undefined || stat.kind !== 'file') return undefined
    if (stat.size === 0) return stat
    const likely = contents.filter(content => content.length === stat.size)
    if (likely.length === 0 || !(await this.#isContained(dirname(path)))) return undefined
    const { files } = this.#root
    const fd = await files.openToRead(path)
    try {
      const found = Buffer.alloc(stat.size)
      await files.read(fd, found, found.length, 0)
      return likely.some(content => content.equals(found)) ? stat : undefined
    } finally {
      await files.close(fd)
    }
  }

  /** What a path names, identified as rows do; undefined if nothing. */
  async #look(path: string): Promise<FileStat | undefined> {
    try {
      const stat = await this.#root.files.lstat(path)
      return { ...stat, ...this.#root.identityOf(stat) }
    } catch (error) {
      const code = systemCode(error) ?? ''
      if (code === 'ENOENT' || UNPLACEABLE.has(code)) return undefined
      throw error
    }
  }

  /** Makes a folder of the tree with those above it. @returns false if a file or a link is in the way */
  async #makeFolder(folder: string, touched: Set<string>): Promise<boolean> {
    if (folder === this.#root.path) return true
    try {
      return await this.#isContained(folder)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
    const above = dirname(folder)
    if (!(await this.#makeFolder(above, touched))) return false
    touched.add(above)
    await makeFolder(this.#root, folder)
    return this.#isContained(folder)
  }

  /** Whether a folder really is where its path says, and no link leads out of it. */
  async #isContained(folder: string): Promise<boolean> {
    if ((await this.#root.files.realpath(folder)) === folder) return true
    this.#root.addProblem(
      'SYMLINK_REFUSED',
      `${folder} leads through a symbolic link; files below it are kept under .holdfast instead.`,
    )
    return false
  }

  /** Takes a stranger out of the way. @returns false if it must stay: a folder, or the file of a twin key */
  async #displace(key: string, path: string, occupant: FileStat): Promise<boolean> {
    if (occupant.kind === 'folder') return false
    const { files, ownPath, foldsNames } = this.#root
    if (foldsNames && !(await this.#isNamed(path))) return false
    const name = `${randomUUID()}-${displacedName(key).slice(-MAX_DISPLACED_NAME)}`
    const to = join(ownPath, 'displaced', name)
    this.#root.checkHeld()
    if (!(await ifThere(files.rename(path, to)))) return true
    await this.#root.bytes.syncFolder(join(ownPath, 'displaced'))
    this.#root.addProblem('DISPLACED', `A file in the way of the object ${key} was moved to ${to}.`)
    return true
  }

  /** Whether the folder holds the very name, and not one that the filesystem takes for the same. */
  async #isNamed(path: string): Promise<boolean> {
    const folder = dirname(path)
    const name = Buffer.from(path.slice(folder.length + 1))
    return (await this.#root.files.readFolder(folder)).some(entry => entry.name.equals(name))
  }

  /** Removes folders upwards as long as they are empty. */
  async #removeEmpty(folder: string): Promise<void> {
    for (let at = folder; at.length > this.#root.path.length; at = dirname(at)) {
      try {
        await this.#root.files.rmdir(at)
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') return
      }
    }
  }
}

/** A key as the end of the name of a file that was in its way: as much of its own end as {@link MAX_DISPLACED_NAME}. */
export function displacedName(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '_')
}

/** Characters that a displaced file's name has of its key. */
export const MAX_DISPLACED_NAME = 160

/** The file of a write that is not in the tree, below `objects`. */
export function objectFile(writeId: string): string {
  return `${writeId.padEnd(2, '0').slice(0, 2)}/${writeId}`
}

async function makeFolder(root: Root, path: string): Promise<void> {
  try {
    await root.files.mkdir(path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
}

/** The one form of a name among those that a folding filesystem takes for the same. */
function fold(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC')
}

/** The failure of an operation on a file that is not what its row says. */
export function damaged(op: string, key: string, what: string) {
  return failure('INTEGRITY', op, key, `The object ${JSON.stringify(key)} is damaged: ${what}.`)
}
