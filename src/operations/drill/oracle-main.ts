import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PlainBucket } from './bucket.js'
import { DIFFERENCES, type Difference } from './events.js'
import type { Comparison, OracleAnswer, OracleOptions, OracleRequest } from './oracle-protocol.js'
import { AcknowledgedRecord } from './record.js'

/** Differences that are told one by one. */
const MAX_FINDINGS = 20

/**
 * The oracle of a drill, a process of its own: it keeps the record of what was acknowledged, and looks at the bucket
 * through Amazon's client. It shares no memory and no code with the storage that it judges. When the drill ends without a
 * word, it removes what the drill left.
 */
class Oracle {
  readonly #bucket: PlainBucket
  readonly #options: OracleOptions
  readonly #recordPath: string
  #record = new AcknowledgedRecord()

  constructor(options: OracleOptions) {
    this.#options = options
    this.#bucket = new PlainBucket(options.bucket)
    this.#recordPath = join(options.folder, 'record.ndjson')
  }

  take(event: (OracleRequest & { type: 'happened' })['event']): void {
    appendFileSync(this.#recordPath, `${JSON.stringify({ at: Date.now(), ...event })}\n`)
    this.#record.take(event)
  }

  /** Reads the whole bucket below the prefix, and begins a new record. */
  async compare(prefix: string): Promise<Comparison> {
    const record = this.#record
    const held: string[] = []
    for await (const key of this.#bucket.keys(prefix)) held.push(key)
    const keys = new Set([...record.keys(prefix), ...held])
    await this.#bucket.each(keys, async key => record.judge(key, await this.#bucket.read(key)))
    const { acknowledged, refused, unread, findings } = record
    // So that every listing of the bucket is held against the record too.
    const listed = new Set(held)
    for (const key of record.keys(prefix)) {
      if (record.isExpected(key) && !listed.has(key)) {
        findings.push({ kind: 'lost', key, where: 'bucket', expected: 'in the listing', found: 'nothing' })
      }
    }
    this.#record = new AcknowledgedRecord()
    return {
      objects: held.length,
      acknowledged,
      refused,
      unread,
      differences: countKeys(findings),
      findings: findings.slice(0, MAX_FINDINGS),
    }
  }

  /** Removes what the drill wrote: below its prefix, and these keys. */
  async clean(keys: readonly string[]): Promise<void> {
    await this.#bucket.removeAll(this.#options.prefix)
    for (const key of keys) await this.#bucket.removeOne(key)
  }

  /** The drill was ended: nobody else tidies up. */
  async tidy(): Promise<void> {
    await this.clean([]).catch(() => {})
    rmSync(this.#options.folder, { recursive: true, force: true })
  }
}

/** Keys, by what was wrong with them. */
function countKeys(findings: readonly { kind: Difference; key: string }[]): Record<Difference, number> {
  const keysOf = (kind: Difference): number =>
    new Set(findings.filter(finding => finding.kind === kind).map(finding => finding.key)).size
  return Object.fromEntries(DIFFERENCES.map(kind => [kind, keysOf(kind)])) as Record<Difference, number>
}

/** Serves the process that started this one. */
function serve(): void {
  let oracle: Oracle | undefined
  let isClean = false
  let answering: Promise<void> = Promise.resolve()

  const answer = async (request: Exclude<OracleRequest, { type: 'happened' }>): Promise<unknown> => {
    if (request.type === 'open') {
      oracle = new Oracle(request.options)
      return undefined
    }
    if (oracle === undefined) throw new Error('The oracle was not opened.')
    if (request.type === 'compare') return oracle.compare(request.prefix)
    await oracle.clean(request.keys)
    isClean = true
    return undefined
  }

  process.on('message', (request: OracleRequest) => {
    if (request.type === 'happened') {
      oracle?.take(request.event)
      return
    }
    const { number } = request
    answering = answering.then(async () => {
      let reply: OracleAnswer
      try {
        reply = { number, result: await answer(request) }
      } catch (error) {
        reply = { number, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
      }
      process.send?.(reply)
    })
  })
  process.on('disconnect', () => {
    const tidying = isClean ? undefined : oracle?.tidy()
    void Promise.resolve(tidying).finally(() => process.exit(0))
  })
  // A Ctrl-C on a terminal reaches this process too; it is the drill that ends it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
}

if (process.send !== undefined) serve()
