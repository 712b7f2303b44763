import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { StorageService } from '../../src/service.js'
import { until } from './failover-service.js'

const WORKERS = 6

/** The files of a chat, each with what its one owner has last stored; null once it was deleted. */
export class Chat {
  readonly model = new Map<string, Buffer | null>()
  readonly problems: string[] = []
  operations = 0
  #stopped = false
  readonly #workers: Promise<void>[] = []

  /** Reads and writes, each worker in keys of its own, and compares every read with what was acknowledged before. */
  start(storage: StorageService, random: () => number): void {
    this.#stopped = false
    const keys = [...this.model.keys()]
    for (let worker = 0; worker < WORKERS; worker++) {
      const own = keys.filter((_, index) => index % WORKERS === worker)
      this.#workers.push(this.#work(storage, own, worker, random))
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#workers.splice(0))
  }

  async #work(storage: StorageService, own: string[], worker: number, random: () => number): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const key = own[Math.floor(random() * own.length)] ?? ''
      const kind = random()
      try {
        if (kind < 0.6) await this.#read(storage, key)
        else if (kind < 0.8) {
          const content = randomBytes(1 + Math.floor(random() * 3000))
          await storage.uploadFile(content, key)
          this.model.set(key, content)
        } else if (kind < 0.9) {
          await storage.deleteFile(key)
          this.model.set(key, null)
        } else {
          const added = `rooms/${worker}/new-${n}-${Math.floor(random() * 1e9)}`
          const content = randomBytes(100)
          await storage.uploadFile(content, added)
          this.model.set(added, content)
          own.push(added)
        }
      } catch (error) {
        this.problems.push(`${key}: ${String(error)}`)
      }
      this.operations++
      await sleep(2)
    }
  }

  async #read(storage: StorageService, key: string): Promise<void> {
    const expected = this.model.get(key) ?? null
    const found = await storage.downloadFile(key)
    const isRight = expected === null ? found === null : found?.equals(expected) === true
    if (!isRight) this.problems.push(`${key}: a stale read`)
  }

  /** Resolves when so much more has been done. */
  async goesOn(operations: number): Promise<void> {
    const before = this.operations
    await until('the chat goes on', () => this.operations > before + operations)
  }

  /** Everything, read and listed. */
  async check(storage: StorageService): Promise<void> {
    for (const key of this.model.keys()) await this.#read(storage, key)
    expect(this.problems).toEqual([])
    const listed = [...(await storage.listFiles())].sort()
    expect(listed).toEqual(
      [...this.model].flatMap(([key, content]) => (content === null ? [] : [key])).sort(),
    )
  }
}
