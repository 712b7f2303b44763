import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { StorageError } from '../../core/errors.js'
import type { DrillEvent } from './events.js'
import type { Comparison, OracleAnswer, OracleOptions, OracleRequest } from './oracle-protocol.js'

/** The compiled program of the oracle. */
export const ORACLE_PROGRAM = new URL('./oracle-main.js', import.meta.url)

/** How long an oracle may take to end by itself. */
const END_MS = 5_000

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** The drill's side of its oracle. */
export class Oracle {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #number = 0
  #ended = false

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (answer: OracleAnswer) => {
      const waiting = this.#waiting.get(answer.number)
      this.#waiting.delete(answer.number)
      if ('error' in answer) waiting?.reject(failed(answer.error))
      else waiting?.resolve(answer.result)
    })
    child.once('exit', (code, signal) => {
      this.#ended = true
      for (const { reject } of this.#waiting.values()) reject(failed(`it ended with ${code ?? signal}`))
      this.#waiting.clear()
    })
    child.on('error', () => {})
  }

  /** Starts an oracle in a process of its own. */
  static async start(options: OracleOptions, program = ORACLE_PROGRAM): Promise<Oracle> {
    // Its own output is nobody's to read; a process group of its own would outlive a kill of the drill's.
    const child = fork(fileURLToPath(program), [], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    })
    const oracle = new Oracle(child)
    await oracle.#ask({ type: 'open', options })
    return oracle
  }

  /** Tells it what happened. */
  tell(event: DrillEvent): void {
    if (!this.#ended) this.#child.send({ type: 'happened', event } satisfies OracleRequest, () => {})
  }

  /** Has it compare the bucket with its record, byte for byte, and begin a new one. */
  async compare(prefix: string): Promise<Comparison> {
    return (await this.#ask({ type: 'compare', prefix })) as Comparison
  }

  /** Has it remove all that the drill wrote to the bucket: below its prefix, and these keys. */
  async clean(keys: readonly string[]): Promise<void> {
    await this.#ask({ type: 'clean', keys })
  }

  /** Ends it. What was not cleaned, it still cleans. */
  async close(): Promise<void> {
    if (this.#ended) return
    // Not 'close', which does not come once the channel was given up from here.
    const exited = once(this.#child, 'exit')
    if (this.#child.connected) this.#child.disconnect()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS)
    await exited
    clearTimeout(timer)
  }

  #ask(request: Asked): Promise<unknown> {
    const number = ++this.#number
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(failed('it has ended'))
      this.#waiting.set(number, { resolve, reject })
      this.#child.send({ ...request, number } as OracleRequest, error => {
        if (error !== null && error !== undefined) reject(failed(error.message))
      })
    })
  }
}

type Asked =
  | { readonly type: 'open'; readonly options: OracleOptions }
  | { readonly type: 'compare'; readonly prefix: string }
  | { readonly type: 'clean'; readonly keys: readonly string[] }

function failed(what: string): StorageError {
  const message = `The drill's oracle could not look at the bucket: ${what}.`
  return new StorageError({ code: 'UNAVAILABLE', op: 'drill', message })
}
