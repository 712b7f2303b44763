import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RESERVED_PREFIX } from '../../core/key.js'
import { systemCode } from './files.js'
import { failure } from './io-error.js'
import type { Ledger } from './ledger.js'

/** Whether there is a store in a folder: Holdfast has been there, whatever has become of it since. */
export function holdsStore(path: string): boolean {
  return existsSync(join(path, RESERVED_PREFIX))
}

/** Makes a folder, readable by this user alone; a link or file of that name is refused. */
export async function makeOwnFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
    return
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
  if ((await lstat(path)).isDirectory()) return
  throw failure(
    'CONFIG_INVALID',
    'open',
    undefined,
    `${path} is not a folder, and Holdfast keeps its files in one of that name.`,
  )
}

/** Creates a small file with its content, durably, unless it is there. @returns the content that is there now */
export async function claimFile(path: string, content: Buffer): Promise<Buffer> {
  const found = await readIfThere(path)
  if (found !== undefined) return found
  const draft = await writeDraft(path, content)
  try {
    await link(draft, path)
    await syncFolder(dirname(path))
    return content
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    return await readFile(path)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Puts a file with its content in the place of what was there, durably. */
export async function replaceFile(path: string, content: Buffer): Promise<void> {
  const draft = await writeDraft(path, content)
  try {
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

async function writeDraft(path: string, content: Buffer): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.write(content)
      await file.sync()
    } finally {
      await file.close()
    }
    return draft
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What stands behind the id while the pair of root and ledger is being made. */
const NEW = ' new'
const ID = /^[0-9a-f]{32}( new)?$/

/** Whether a folder has been a store. */
export async function hasId(folder: string): Promise<boolean> {
  return (await readIfThere(join(folder, 'id'))) !== undefined
}

/** The id of a store; undefined if the folder's file does not hold one. */
export async function readId(folder: string): Promise<{ id: string; isNew: boolean } | undefined> {
  const text = (await readIfThere(join(folder, 'id')))?.toString() ?? ''
  return ID.test(text) ? { id: text.slice(0, 32), isNew: text.endsWith(NEW) } : undefined
}

/** Gives the folder back the id that its ledger has. */
export async function restoreId(folder: string, id: string): Promise<void> {
  await replaceFile(join(folder, 'id'), Buffer.from(id))
}

/** Has the next opening of the folder make a new ledger, which gets the folder's id, or a new one if that is lost. */
export async function markNew(folder: string): Promise<void> {
  const id = (await readId(folder))?.id ?? randomBytes(16).toString('hex')
  await replaceFile(join(folder, 'id'), Buffer.from(id + NEW))
}

/**
 * Makes sure that root and ledger belong together: both carry the same random id. The root's is written first,
 * marked as new; then the ledger's; then the mark goes: so a crash in between is told from a lost ledger.
 *
 * @returns the id
 * @throws StorageError `CONFIG_INVALID` if one of the two is missing or of another store
 */
export async function matchIds(folder: string, ledger: Ledger, ledgerPath: string): Promise<string> {
  const path = join(folder, 'id')
  const known = ledger.fact('id')
  const found = await readIfThere(path)
  if (found === undefined && known !== undefined) {
    throw mismatch(
      `The ledger in ${ledgerPath} belongs to another storage folder than ${dirname(folder)}. Use an empty HOLDFAST_LEDGER_PATH for this one.`,
    )
  }
  const fresh = Buffer.from(randomBytes(16).toString('hex') + NEW)
  const text = (found ?? (await claimFile(path, fresh))).toString()
  const id = text.slice(0, 32)
  if (!ID.test(text)) throw mismatch(`${path} does not hold the id of a store.`)
  if (!text.endsWith(NEW)) {
    if (ledger.fact('id') === id) return id
    throw mismatch(
      known === undefined
        ? `The ledger of the storage folder ${dirname(folder)} is missing: there is none in ${ledgerPath}. Bring it back, or point HOLDFAST_LEDGER_PATH to it.`
        : `The ledger in ${ledgerPath} belongs to another storage folder than ${dirname(folder)}. Point HOLDFAST_LEDGER_PATH to this folder's own.`,
    )
  }
  if ((await ledger.claimFact('id', id)) !== id) {
    throw mismatch(
      `The ledger in ${ledgerPath} belongs to another storage folder than ${dirname(folder)}. Use an empty HOLDFAST_LEDGER_PATH for this one.`,
    )
  }
  await replaceFile(path, Buffer.from(id))
  return id
}

function mismatch(message: string) {
  return failure('CONFIG_INVALID', 'open', undefined, message)
}
