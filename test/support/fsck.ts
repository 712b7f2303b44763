import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { parseAttributes } from '../../src/core/attributes.js'
import { type Key, parseKey } from '../../src/core/key.js'
import { openSource } from '../../src/core/source.js'
import { DiskSpool } from '../../src/failover/disk-spool.js'
import type { JournaledPut, RowContent } from '../../src/failover/journal.js'
import { LedgerJournal } from '../../src/failover/ledger-journal.js'
import type { Finding, FsckSummary } from '../../src/operations/fsck/findings.js'
import { type FsckOptions, runFsck } from '../../src/operations/fsck/fsck.js'
import { newProcessId, ownPidSpace } from '../../src/stores/local/process-id.js'
import { openRoot, type Root } from '../../src/stores/local/root.js'
import { LocalStore } from '../../src/stores/local/store.js'
import { ROOT } from './process.js'

/** The bucket that planted entries are for. */
export const TARGET = 'http://127.0.0.1:9 bucket'

export const ATTRIBUTES = parseAttributes({ contentType: 'text/plain' })

/** The compiled program that reads a ledger in a process of its own. */
export const PROBE = pathToFileURL(join(ROOT, 'dist', 'operations', 'fsck', 'ledger-probe-main.js'))

/** What a check found. */
export interface Checked {
  readonly findings: readonly Finding[]
  readonly summary: FsckSummary
  /** The codes of the findings, in the order that they were found. */
  readonly codes: readonly string[]
}

/** A storage folder to be damaged. */
export class Patient {
  readonly path: string
  readonly own: string

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'holdfast-fsck-'))
    this.own = join(this.path, '.holdfast')
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true }))
  }

  /** Does something with the opened folder. */
  async open<T>(run: (root: Root, store: LocalStore) => Promise<T>): Promise<T> {
    const root = await openRoot({ path: this.path, create: true, ballastBytes: 0 })
    const store = await LocalStore.open(root)
    try {
      await store.recovered
      await store.adopted
      return await run(root, store)
    } finally {
      await store.close()
      await root.close()
    }
  }

  /** Opens the folder without recovery or adoption. */
  async openBare<T>(run: (root: Root) => Promise<T>): Promise<T> {
    const root = await openRoot({ path: this.path, create: true, ballastBytes: 0 })
    try {
      return await run(root)
    } finally {
      await root.close()
    }
  }

  put(objects: Readonly<Record<string, string | Buffer>>): Promise<void> {
    return this.open(async (_root, store) => {
      for (const [key, content] of Object.entries(objects)) {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content
        await store.put(parseKey(key), await openSource(bytes), { attributes: ATTRIBUTES })
      }
    })
  }

  /** The bytes under a key, or the code of the error. */
  read(...keys: string[]): Promise<string[]> {
    return this.open(async (_root, store) => {
      const found: string[] = []
      for (const key of keys) {
        found.push(
          await store.get(parseKey(key)).then(
            async ({ body }) => (await body.bytes()).toString('latin1'),
            error => error.code,
          ),
        )
      }
      return found
    })
  }

  /** Puts an entry into the journal, its bytes spooled. @returns the path of the file with its bytes */
  journal(key: string, content: string, more: Partial<RowContent> = {}): Promise<string> {
    return this.openBare(async root => {
      const { state, path } = await spool(root, parseKey(key), content)
      await new LedgerJournal(root.ledger).commit(parseKey(key), undefined, {
        target: TARGET,
        state,
        ...more,
      })
      return path
    })
  }

  check(options: Partial<FsckOptions> = {}): Promise<Checked> {
    return checkFolder(this.path, options)
  }
}

/** Checks a storage folder. */
export async function checkFolder(path: string, options: Partial<FsckOptions> = {}): Promise<Checked> {
  const findings: Finding[] = []
  const summary = await runFsck({
    config: { localStoragePath: path, ledgerPath: undefined },
    onFinding: finding => void findings.push(finding),
    internals: { probe: PROBE },
    ...options,
  })
  return { findings, summary, codes: findings.map(({ code }) => code) }
}

/** Writes the bytes of an entry, without the entry. */
export async function spool(
  root: Root,
  key: Key,
  content: string,
): Promise<{ state: JournaledPut; path: string }> {
  const bytes = new DiskSpool(root)
  const stamp = root.clock.next()
  const writeId = `00000000-0000-4000-8000-${String(stamp.sequence).padStart(12, '0')}`
  const written = await bytes.write(writeId, await openSource(Buffer.from(content)), { key })
  const state = { kind: 'put', writeId, stamp, at: Date.now(), ...written, attributes: ATTRIBUTES } as const
  return { state, path: bytes.filePath(written.file) }
}

/** Changes the bytes of a file, and nothing that a look at it would show. */
export function rot(path: string): void {
  const reference = `${path}.reference`
  execFileSync('touch', ['-r', path, reference])
  const bytes = readFileSync(path)
  chmodSync(path, 0o644)
  for (const [i, byte] of bytes.entries()) bytes[i] = byte ^ 1
  writeFileSync(path, bytes, { flag: 'r+' })
  chmodSync(path, 0o444)
  execFileSync('touch', ['-r', reference, path])
  rmSync(reference)
}

/** The id of a process that has ended. */
export function deadProcess(): string {
  return newProcessId({ ...ownPidSpace(), boot: 'another' })
}

export const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')
