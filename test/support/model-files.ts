import { dirname, relative } from 'node:path'
import type { EntryKind, FileStat, Files, FolderEntry } from '../../src/stores/local/files.js'

interface Node {
  readonly kind: EntryKind
  readonly ino: number
  /** What a process sees, and what the platter holds. */
  now: { bytes: Buffer; mtimeMs: number }
  durable: { bytes: Buffer; mtimeMs: number }
  readonly names: Map<string, Node>
  durableNames: Map<string, Node>
  /** Names as they were given, where the filesystem folds them. */
  readonly spelt: Map<string, string>
  /** Where a link leads. */
  readonly target?: string
}

/** A change of names that no sync has made durable yet. */
interface Change {
  readonly folders: readonly Node[]
  apply(): void
}

/** What a power loss leaves of what was not synced: nothing, all of it, or some of it by the dice. */
export type Loss = 'drop' | 'keep' | (() => boolean)

/**
 * A filesystem in memory that knows what was synced. It promises no more than POSIX and a journal do: a file's
 * bytes survive once the file was synced, a name once a folder it is in was; a rename is one change. After
 * {@link cutPower} nothing that was under way ever answers.
 */
export class ModelFiles implements Files {
  #base: string
  #inodes = 0
  #ticks = 0
  readonly #top = this.#node('folder')
  #changes: Change[] = []
  readonly #open = new Map<number, Node>()
  #fds = 100
  #generation = 0
  #steps = 0
  #cutAt = Number.POSITIVE_INFINITY
  readonly #folds: boolean
  /** Gives an error to throw instead of doing the call. */
  fault: ((call: string, path: string | undefined) => Error | undefined) | undefined

  /** @param base the path that the model's top folder goes by */
  constructor(base: string, options: { folds?: boolean } = {}) {
    this.#base = base
    this.#folds = options.folds ?? false
  }

  /** Calls and ledger commits so far. */
  get steps(): number {
    return this.#steps
  }

  /** The power goes at this step, before it is done. */
  cutPower(step: number): void {
    this.#steps = 0
    this.#cutAt = step
  }

  get isCut(): boolean {
    return this.#steps > this.#cutAt
  }

  /** One step of the machine; never answers once the power is gone. */
  async step(): Promise<void> {
    const generation = this.#generation
    this.#steps++
    if (this.#steps > this.#cutAt) return new Promise(() => {})
    await Promise.resolve()
    if (this.#steps > this.#cutAt || generation !== this.#generation) return new Promise(() => {})
  }

  /** The machine comes back, under another path. */
  restart(base: string, loss: Loss): void {
    if (loss !== 'drop') {
      const chance = loss === 'keep' ? () => true : loss
      for (const change of [...this.#changes]) {
        const [folder] = change.folders
        if (folder !== undefined && chance()) this.#syncNames(folder)
      }
      for (const node of this.#all(this.#top, node => node.names)) {
        if (chance()) node.durable = { ...node.now }
      }
    }
    for (const node of this.#all(this.#top, node => node.durableNames)) {
      node.now = { ...node.durable }
      node.names.clear()
      for (const [name, child] of node.durableNames) node.names.set(name, child)
    }
    this.#changes = []
    this.#open.clear()
    this.#generation++
    this.#cutAt = Number.POSITIVE_INFINITY
    this.#base = base
  }

  /** Puts a file, a link or a folder there, durably, as if it had always been. */
  plant(path: string, what: Buffer | { link: string } | 'folder'): void {
    let folder = this.#top
    const segments = path.split('/')
    const name = segments.pop() ?? ''
    for (const segment of segments) {
      const folded = this.#name(segment)
      const below = folder.names.get(folded) ?? this.#node('folder')
      folder.names.set(folded, below)
      folder.durableNames.set(folded, below)
      folder.spelt.set(folded, segment)
      folder = below
    }
    const node =
      what === 'folder'
        ? this.#node('folder')
        : Buffer.isBuffer(what)
          ? this.#node('file')
          : this.#node('link', what.link)
    if (Buffer.isBuffer(what)) node.now.bytes = Buffer.from(what)
    node.durable = { ...node.now }
    folder.names.set(this.#name(name), node)
    folder.durableNames.set(this.#name(name), node)
    folder.spelt.set(this.#name(name), name)
  }

  /** Every file and folder, with what is in it. */
  dump(): Record<string, string> {
    const found: Record<string, string> = {}
    const visit = (node: Node, path: string): void => {
      for (const [name, child] of [...node.names].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const at = path === '' ? name : `${path}/${name}`
        found[at] = child.kind === 'file' ? `${child.ino}:${child.now.bytes.toString('latin1')}` : child.kind
        visit(child, at)
      }
    }
    visit(this.#top, '')
    return found
  }

  async openToRead(path: string): Promise<number> {
    await this.#call('openToRead', path)
    const node = this.#resolve(path, false)
    if (node.kind === 'link') throw systemError('ELOOP', path)
    return this.#descriptor(node)
  }

  async create(path: string): Promise<number> {
    await this.#call('create', path)
    const { folder, name } = this.#parent(path)
    if (folder.names.has(name)) throw systemError('EEXIST', path)
    const node = this.#node('file')
    this.#change([folder], names => names(folder).set(name, node))
    return this.#descriptor(node)
  }

  async read(fd: number, buffer: Buffer, length: number, position: number): Promise<number> {
    await this.#call('read', undefined)
    return this.#at(fd).now.bytes.copy(buffer, 0, position, position + length)
  }

  async write(fd: number, bytes: Buffer, position: number): Promise<void> {
    await this.#call('write', undefined)
    const node = this.#at(fd)
    const size = Math.max(node.now.bytes.length, position + bytes.length)
    const grown = Buffer.alloc(size)
    node.now.bytes.copy(grown)
    bytes.copy(grown, position)
    node.now = { bytes: grown, mtimeMs: this.#tick() }
  }

  async fsync(fd: number): Promise<void> {
    await this.#call('fsync', undefined)
    const node = this.#at(fd)
    node.durable = { ...node.now }
  }

  async fstat(fd: number): Promise<FileStat> {
    await this.#call('fstat', undefined)
    return statOf(this.#at(fd))
  }

  async close(fd: number): Promise<void> {
    await this.#call('close', undefined)
    this.#at(fd)
    this.#open.delete(fd)
  }

  async fsyncFolder(path: string): Promise<void> {
    await this.#call('fsyncFolder', path)
    this.#syncNames(this.#folder(path))
  }

  async lstat(path: string): Promise<FileStat> {
    await this.#call('lstat', path)
    return statOf(this.#resolve(path, false))
  }

  async link(from: string, to: string): Promise<void> {
    await this.#call('link', from)
    const node = this.#resolve(from, false)
    const { folder, name } = this.#parent(to)
    if (folder.names.has(name)) throw systemError('EEXIST', to)
    this.#change([folder], names => names(folder).set(name, node))
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#call('rename', from)
    const node = this.#resolve(from, false)
    const source = this.#parent(from)
    const target = this.#parent(to)
    const there = target.folder.names.get(target.name)
    if (there?.kind === 'folder') throw systemError('EISDIR', to)
    // POSIX: two names of one file, and nothing is done.
    if (there === node) return
    this.#change([source.folder, target.folder], names => {
      names(source.folder).delete(source.name)
      names(target.folder).set(target.name, node)
    })
  }

  async unlink(path: string): Promise<void> {
    await this.#call('unlink', path)
    const node = this.#resolve(path, false)
    if (node.kind === 'folder') throw systemError('EISDIR', path)
    const { folder, name } = this.#parent(path)
    this.#change([folder], names => names(folder).delete(name))
  }

  async mkdir(path: string): Promise<void> {
    await this.#call('mkdir', path)
    const { folder, name } = this.#parent(path)
    if (folder.names.has(name)) throw systemError('EEXIST', path)
    const node = this.#node('folder')
    this.#change([folder], names => names(folder).set(name, node))
  }

  async rmdir(path: string): Promise<void> {
    await this.#call('rmdir', path)
    const node = this.#folder(path)
    if (node.names.size > 0) throw systemError('ENOTEMPTY', path)
    const { folder, name } = this.#parent(path)
    this.#change([folder], names => names(folder).delete(name))
  }

  async readFolder(path: string): Promise<FolderEntry[]> {
    await this.#call('readFolder', path)
    const folder = this.#folder(path)
    return [...folder.names].map(([name, { kind }]) => ({
      name: Buffer.from(folder.spelt.get(name) ?? name),
      kind,
    }))
  }

  async realpath(path: string): Promise<string> {
    await this.#call('realpath', path)
    this.#resolve(path, true)
    return this.#isReal(path) ? path : `${path} (elsewhere)`
  }

  async #call(name: string, path: string | undefined): Promise<void> {
    await this.step()
    const error = this.fault?.(name, path)
    if (error !== undefined) throw error
  }

  #node(kind: EntryKind, target?: string): Node {
    const state = { bytes: Buffer.alloc(0), mtimeMs: this.#tick() }
    return {
      kind,
      ino: ++this.#inodes,
      now: state,
      durable: { ...state },
      names: new Map(),
      durableNames: new Map(),
      spelt: new Map(),
      ...(target !== undefined && { target }),
    }
  }

  /** Long past, so that every file has stood still. */
  #tick(): number {
    return 1_600_000_000_000 + ++this.#ticks
  }

  #change(folders: Node[], apply: (names: (node: Node) => Map<string, Node>) => void): void {
    apply(node => node.names)
    this.#changes.push({ folders, apply: () => apply(node => node.durableNames) })
  }

  /** Makes durable what changed in a folder, with everything that it builds on. */
  #syncNames(folder: Node): void {
    const involved = new Set([folder])
    const chosen = new Set<Change>()
    for (const change of [...this.#changes].reverse()) {
      if (!change.folders.some(node => involved.has(node))) continue
      chosen.add(change)
      for (const node of change.folders) involved.add(node)
    }
    for (const change of this.#changes) if (chosen.has(change)) change.apply()
    this.#changes = this.#changes.filter(change => !chosen.has(change))
  }

  #all(top: Node, names: (node: Node) => Map<string, Node>): Set<Node> {
    const found = new Set([top])
    for (const node of found) for (const child of names(node).values()) found.add(child)
    return found
  }

  #descriptor(node: Node): number {
    this.#open.set(++this.#fds, node)
    return this.#fds
  }

  #at(fd: number): Node {
    const node = this.#open.get(fd)
    if (node === undefined) throw systemError('EBADF', String(fd))
    return node
  }

  #segments(path: string): string[] {
    const inside = relative(this.#base, path)
    if (inside.startsWith('..')) throw new Error(`${path} is outside of the model.`)
    return inside === '' ? [] : inside.split('/')
  }

  #name(name: string): string {
    return this.#folds ? name.normalize('NFC').toLowerCase().normalize('NFC') : name
  }

  #resolve(path: string, follow: boolean): Node {
    let node = this.#top
    const segments = this.#segments(path)
    for (const [i, segment] of segments.entries()) {
      if (node.kind === 'link') node = this.#follow(node, path)
      if (node.kind !== 'folder') throw systemError('ENOTDIR', path)
      const child = node.names.get(this.#name(segment))
      if (child === undefined) throw systemError('ENOENT', path)
      node = follow && i === segments.length - 1 && child.kind === 'link' ? this.#follow(child, path) : child
    }
    return node
  }

  #follow(node: Node, path: string): Node {
    if (node.target === undefined) throw systemError('ENOENT', path)
    return this.#resolve(`${this.#base}/${node.target}`, true)
  }

  #isReal(path: string): boolean {
    let node = this.#top
    for (const segment of this.#segments(path)) {
      const child = node.names.get(this.#name(segment))
      if (child === undefined || child.kind === 'link') return false
      node = child
    }
    return true
  }

  #folder(path: string): Node {
    const node = this.#resolve(path, true)
    if (node.kind !== 'folder') throw systemError('ENOTDIR', path)
    return node
  }

  #parent(path: string): { folder: Node; name: string } {
    const name = path.slice(dirname(path).length + 1)
    if (Buffer.byteLength(name) > 255) throw systemError('ENAMETOOLONG', path)
    const folder = this.#folder(dirname(path))
    const folded = this.#name(name)
    if (folded !== name && !folder.names.has(folded)) folder.spelt.set(folded, name)
    return { folder, name: folded }
  }
}

function statOf(node: Node): FileStat {
  return { kind: node.kind, dev: 1, ino: node.ino, size: node.now.bytes.length, mtimeMs: node.now.mtimeMs }
}

/** An error as the system gives it. */
export function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
