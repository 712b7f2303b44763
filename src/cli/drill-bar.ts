import type { SingleBar } from 'cli-progress'
import type { DrillProgress } from '../operations/drill/drill.js'
import type { Output } from './output.js'
import { number } from './wording.js'

const PHASES: Readonly<Record<DrillProgress['phase'], string>> = {
  working: 'all is well',
  outage: 'the store is failing',
  returning: 'the store is back',
  converging: 'bringing over what it missed',
  settling: 'waiting for late requests',
  comparing: 'comparing byte for byte',
  cleaning: 'removing what was written',
}

/** The line that tells how far a drill is. */
export function drillLine(progress: DrillProgress): string {
  const { scenario, phase, number: at, of, acknowledged, failed, pending } = progress
  const counts = `${number(acknowledged)} acknowledged, ${number(failed)} failed, ${number(pending)} pending`
  return `${at} of ${of}  ${scenario}: ${PHASES[phase]}  ${counts}`
}

/** Shows how far a drill is. On a terminal only, and on stderr. */
export class DrillBar {
  readonly #output: Output
  #bar: SingleBar | undefined
  #line = ''
  #opening = false
  #stopped = false

  constructor(output: Output) {
    this.#output = output
  }

  show(progress: DrillProgress): void {
    if (!this.#output.isWatched || this.#stopped) return
    this.#line = drillLine(progress)
    if (this.#bar !== undefined) {
      if (!this.#bar.isActive) this.#bar.start(1, 0)
      this.#bar.update(0)
    } else if (!this.#opening) {
      this.#opening = true
      void this.#open()
    }
  }

  /** Takes it off the terminal, for good. */
  stop(): void {
    this.#stopped = true
    this.#output.clearBefore(undefined)
    this.#bar?.stop()
  }

  async #open(): Promise<void> {
    const { default: cliProgress } = await import('cli-progress')
    if (this.#stopped) return
    const bar = new cliProgress.SingleBar({
      format: () => this.#line,
      clearOnComplete: true,
      linewrap: true,
      stream: process.stderr,
    })
    this.#bar = bar
    this.#output.clearBefore(() => bar.stop())
  }
}
