import { type FileHandle, open } from 'node:fs/promises'
import { StorageError } from '../../core/errors.js'
import type { StorageService } from '../../service.js'
import type { ErasedItem, EraseOptions, EraseReceipt, OwedErasure } from '../../storage.js'
import { confirm } from '../confirm.js'
import type { Context } from '../context.js'
import { EXIT, usageError } from '../failure.js'
import { printable } from '../output.js'
import { Progress } from '../progress.js'
import { counted, size } from '../wording.js'

/** The options of `holdfast erase`. */
export interface EraseCommandOptions {
  readonly status?: true
  /** The id of an erasure. */
  readonly giveUp?: string
  /** A file for the receipt. */
  readonly receipt?: string
  readonly yes?: true
  readonly dryRun?: true
}

/** Erases files so that nothing of them is left, or tells what is still owed. */
export async function erase(
  context: Context,
  names: readonly string[],
  options: EraseCommandOptions,
): Promise<number> {
  if (options.status) {
    if (names.length > 0) throw usageError('--status takes no names: it tells of every erasure.')
    return status(context, options)
  }
  if (options.giveUp !== undefined) {
    if (names.length > 0) throw usageError('--give-up takes no names: it is about the erasure of that id.')
    return giveUp(context, options.giveUp, options)
  }
  if (names.length === 0) throw usageError('Give the keys to erase, or prefixes that end in "/".')
  if (names.includes('/')) throw usageError('Erasing everything takes the names of the folders.')
  const { output } = context
  const storage = await context.storage()
  if (options.dryRun || !options.yes) {
    const found = await count(context, storage, names, options.dryRun === true)
    if (options.dryRun) {
      output.note(`Would erase ${things(found)}.`)
      return EXIT.ok
    }
    const question = `Erase ${names.map(printable).join(', ')} for good, wherever it lies? Known are ${things(found)}.`
    if (!(await confirm(context, question, false))) {
      output.note('Nothing was erased.')
      return EXIT.ok
    }
  }
  return eraseAll(context, storage, names, options)
}

/** What is known to be there; listed on stdout if `lists`. */
async function count(
  { output, signal }: Context,
  storage: StorageService,
  names: readonly string[],
  lists: boolean,
): Promise<Pick<EraseReceipt, 'erased' | 'bytes'>> {
  let [erased, bytes] = [0, 0]
  const onErased = async (item: ErasedItem): Promise<void> => {
    if (!lists) return
    const { at, ...known } = item
    await (output.json ? output.object({ ...known, wouldErase: true }) : output.line(itemLine(item)))
  }
  for (const name of names) {
    const found = await eraseOne(storage, name, { dryRun: true, onErased, signal })
    erased += found.erased
    bytes += found.bytes
  }
  return { erased, bytes }
}

function eraseOne(storage: StorageService, name: string, options: EraseOptions): Promise<EraseReceipt> {
  return name.endsWith('/') ? storage.erasePrefix(name, options) : storage.eraseFile(name, options)
}

async function eraseAll(
  { output, signal }: Context,
  storage: StorageService,
  names: readonly string[],
  options: EraseCommandOptions,
): Promise<number> {
  const receipts = await ReceiptFile.create(options.receipt)
  const progress = new Progress(output)
  let isOwed = false
  try {
    for (const name of names) {
      const onErased = async (item: ErasedItem): Promise<void> => {
        progress.addFile()
        progress.addBytes(item.size ?? 0)
        await receipts.item(item)
        if (output.json) await output.object(item)
      }
      const receipt = await eraseOne(storage, name, { onErased, signal })
      await receipts.end(receipt)
      if (output.json) await output.object({ receipt })
      else tell(output, name, receipt)
      isOwed ||= receipt.owed !== undefined
    }
  } finally {
    progress.stop()
    await receipts.close()
  }
  return isOwed ? EXIT.partial : EXIT.ok
}

function tell(output: Context['output'], name: string, receipt: EraseReceipt): void {
  if (receipt.owed === undefined) output.note(`Erased ${printable(name)}: ${things(receipt)}.`)
  else {
    output.say(
      `Erased of ${printable(name)}: ${things(receipt)}. Something is still owed: ${printable(receipt.owed)} It goes as soon as it can, while a server or another command uses the storage folder; "holdfast erase --status" tells.`,
    )
  }
}

/** Tells of erasures that are owed, and of those finished since; a receipt that was written is kept here no longer. */
async function status(context: Context, options: EraseCommandOptions): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  const receipts = await ReceiptFile.create(options.receipt)
  let [all, owed] = [0, 0]
  const finished: string[] = []
  try {
    for await (const { items, ...receipt } of storage.erasures({ signal })) {
      all++
      const isFinished = receipt.finishedAt !== undefined
      if (isFinished) finished.push(receipt.id)
      else owed++
      for await (const item of items) {
        if (isFinished) await receipts.item(item)
        if (output.json) await output.object(item)
      }
      if (isFinished) await receipts.end(receipt)
      await (output.json ? output.object({ receipt }) : output.line(statusLine(receipt)))
    }
  } finally {
    await receipts.close()
  }
  if (options.receipt !== undefined) for (const id of finished) await storage.forgetErasure(id, { signal })
  if (all === 0) output.note('Nothing is owed.')
  return owed === 0 ? EXIT.ok : EXIT.partial
}

/** Ends an erasure that a bucket owes which is in use no more. */
async function giveUp(context: Context, id: string, options: EraseCommandOptions): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  const found = await owedBy(storage, id, signal)
  const { key, prefix = '', target = 'the bucket' } = found
  const what = printable(key ?? prefix)
  if (options.dryRun) {
    if (output.json) await output.object({ wouldGiveUp: id, target: found.target })
    output.note(`Would give up what ${target} owes of the erasure of ${what}.`)
    return EXIT.ok
  }
  const question = `Give up what ${target} owes of the erasure of ${what}? Nobody looks for it there any more.`
  if (!(await confirm(context, question, options.yes === true))) {
    output.note('Nothing was given up.')
    return EXIT.ok
  }
  const receipts = await ReceiptFile.create(options.receipt)
  try {
    const receipt = await storage.giveUpErasure(id, { signal })
    // Read only now: what was removed here is among them.
    for await (const item of found.items) await receipts.item(item)
    await receipts.end(receipt)
    if (output.json) await output.object({ receipt })
    else output.note(`Gave up the erasure of ${what}: ${things(receipt)}. ${receipt.unconfirmed}`)
  } finally {
    await receipts.close()
  }
  if (options.receipt !== undefined) await storage.forgetErasure(id, { signal })
  return EXIT.ok
}

async function owedBy(storage: StorageService, id: string, signal: AbortSignal): Promise<OwedErasure> {
  for await (const erasure of storage.erasures({ signal })) if (erasure.id === id) return erasure
  const message = `There is no erasure ${id}; "holdfast erase --status" lists them with their ids.`
  throw new StorageError({ code: 'NOT_FOUND', op: 'erase', message })
}

function statusLine(receipt: EraseReceipt): string {
  const { id, key, prefix = '', requestedAt, finishedAt, unconfirmed, owed = unconfirmed ?? '' } = receipt
  const state = finishedAt === undefined ? 'owed' : unconfirmed === undefined ? 'finished' : 'given up'
  const cells = [
    state.padEnd(8),
    id,
    requestedAt.toISOString(),
    things(receipt).padEnd(20),
    printable(key ?? prefix),
  ]
  return `${cells.join('  ')}${owed === '' ? '' : `  ${printable(owed)}`}`
}

/** A file of receipts: a line of JSON for each thing that was erased, and one for each erasure after those. */
class ReceiptFile {
  readonly #file: FileHandle | undefined

  private constructor(file: FileHandle | undefined) {
    this.#file = file
  }

  /** Refuses a file that is there: a receipt is not to be lost. */
  static async create(path: string | undefined): Promise<ReceiptFile> {
    return new ReceiptFile(path === undefined ? undefined : await open(path, 'wx', 0o600))
  }

  async item(item: ErasedItem): Promise<void> {
    await this.#file?.appendFile(`${JSON.stringify(item)}\n`)
  }

  async end(receipt: EraseReceipt): Promise<void> {
    await this.#file?.appendFile(`${JSON.stringify({ receipt })}\n`)
    await this.#file?.sync()
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }
}

function itemLine({ key, where, id = '', size: bytes, path = '' }: ErasedItem): string {
  const cells = [
    where.padEnd(9),
    (bytes === undefined ? '' : size(bytes)).padStart(10),
    printable(path === '' ? id : path),
    printable(key),
  ]
  return cells.join('  ').trimEnd()
}

function things({ erased, bytes }: Pick<EraseReceipt, 'erased' | 'bytes'>): string {
  return `${counted(erased, 'thing')} (${size(bytes)})`
}
