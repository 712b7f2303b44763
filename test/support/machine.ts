import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endProcessId } from '../../src/stores/local/process-id.js'
import { openRoot, type Root } from '../../src/stores/local/root.js'
import { type Loss, ModelFiles } from './model-files.js'

const COMMITS = ['write', 'writeAll', 'foldUsage', 'setFact', 'commit'] as const

/**
 * A machine whose power can go: a storage folder on a model of a filesystem, beside a real ledger. Each call of
 * the filesystem is a step, and each commit is two: before it, and after it.
 */
export class Machine {
  readonly files: ModelFiles
  readonly #parent: string
  #name: number
  #commits = new Set<Promise<unknown>>()
  #roots: Root[] = []

  /** @param parent a real folder, for the ledgers @param name tells this machine apart from others there */
  constructor(parent: string, name: number) {
    this.#parent = parent
    this.#name = name * 1000
    this.files = new ModelFiles(this.path)
    for (const folder of ['tmp', 'objects', 'displaced']) this.files.plant(`.holdfast/${folder}`, 'folder')
  }

  /** The storage folder; another one after each start of the machine. */
  get path(): string {
    return join(this.#parent, String(this.#name))
  }

  async openRoot(): Promise<Root> {
    await mkdir(this.path, { recursive: true })
    const root = await openRoot({ path: this.path, create: true, ballastBytes: 0, files: this.files })
    this.#roots.push(root)
    const { ledger } = root
    for (const name of COMMITS) {
      const commit = (ledger[name] as (...args: unknown[]) => Promise<unknown>).bind(ledger)
      Object.assign(ledger, { [name]: (...args: unknown[]) => this.#stepped(() => commit(...args)) })
    }
    return root
  }

  /** @returns whether the power went before the work was done; what the work throws is thrown */
  async goesDuring(work: () => Promise<void>): Promise<boolean> {
    let done = false
    let failure: unknown
    work().then(
      () => {
        done = true
      },
      error => {
        done = true
        failure = error
      },
    )
    while (!done && !this.files.isCut) await new Promise(resolve => setImmediate(resolve))
    // Whatever else was running has come to its last step too.
    for (let i = 0; i < 3; i++) await new Promise(resolve => setImmediate(resolve))
    if (failure !== undefined) throw failure
    return !done
  }

  /** Takes the power away, and starts what is left of the machine. */
  async restart(loss: Loss): Promise<void> {
    this.files.cutPower(0)
    await Promise.allSettled(this.#commits)
    this.#commits = new Set()
    const before = this.path
    this.#name++
    for (const root of this.#roots) endProcessId(root.processId)
    const own = join(this.path, '.holdfast')
    await mkdir(own, { recursive: true })
    for (const name of ['id', 'ledger', 'clock', 'lease']) {
      // A folder that was closed in order has no lease.
      await cp(join(before, '.holdfast', name), join(own, name), { recursive: true }).catch(error => {
        if (name !== 'lease') throw error
      })
    }
    for (const root of this.#roots) await root.ledger.close()
    this.#roots = []
    // What the power loss has stopped in the middle of its opening may still be writing its lease.
    await rm(before, { recursive: true, maxRetries: 10 })
    this.files.restart(this.path, loss)
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true })
  }

  async #stepped(commit: () => Promise<unknown>): Promise<unknown> {
    await this.files.step()
    const done = commit()
    this.#commits.add(done)
    const result = await done
    this.#commits.delete(done)
    await this.files.step()
    return result
  }
}

/** Repeatable: the number of the step at which the power goes is the seed. */
export function dice(seed: number): () => boolean {
  let state = seed + 1
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state < 2 ** 30
  }
}
