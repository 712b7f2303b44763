import type { SingleBar } from 'cli-progress'
import type { Output } from './output.js'
import { type Figures, shareOf, transferLine } from './wording.js'

/** Nothing is shown of what is done sooner. */
const DELAY_MS = 300
const FRAME_MS = 100
/** The rate is that of the last seconds, so that a stall shows. */
const RATE_WINDOW_MS = 5_000
const BAR_WIDTH = 24

/** Shows how far a transfer is: bytes, rate, time left, files. On a terminal only, and on stderr. */
export class Progress {
  readonly #output: Output
  readonly #samples: { readonly at: number; readonly bytes: number }[] = []
  #bytes = 0
  #files = 0
  #total: { readonly bytes: number; readonly files: number } | undefined
  #timer: NodeJS.Timeout | undefined
  #bar: SingleBar | undefined

  /** @param mayShow false where something else is shown on the terminal meanwhile */
  constructor(output: Output, mayShow = true) {
    this.#output = output
    if (output.isWatched && mayShow) this.#timer = setTimeout(() => void this.#show(), DELAY_MS)
  }

  /** Whether anybody sees it; counting ahead is worth it only then. */
  get isVisible(): boolean {
    return this.#timer !== undefined
  }

  /** More bytes have come through; fewer, if a part of them came to nothing. */
  addBytes(bytes: number): void {
    this.#bytes += bytes
  }

  addFile(count = 1): void {
    this.#files += count
  }

  /** What it will be in the end, once that is known. */
  setTotal(bytes: number, files: number): void {
    this.#total = { bytes, files }
  }

  /** Takes it off the terminal. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#output.clearBefore(undefined)
    this.#bar?.stop()
    this.#bar = undefined
  }

  async #show(): Promise<void> {
    const { default: cliProgress } = await import('cli-progress')
    if (!this.isVisible) return
    const { BarFormat } = cliProgress.Format
    const bar = new cliProgress.SingleBar({
      // The bar's own progress lags behind a total that has just become known.
      format: options => {
        const figures = this.#figures()
        return transferLine(figures, BarFormat(shareOf(figures), options))
      },
      barsize: BAR_WIDTH,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      clearOnComplete: true,
      emptyOnZero: true,
      // Cut at the edge, and the terminal's own settings left as they are.
      linewrap: true,
      stream: process.stderr,
      fps: 1000 / FRAME_MS,
    })
    this.#bar = bar
    // Off before anything else is printed; the next frame puts it back below.
    this.#output.clearBefore(() => bar.stop())
    this.#timer = setInterval(() => this.#draw(bar), FRAME_MS)
    this.#draw(bar)
  }

  #draw(bar: SingleBar): void {
    const now = performance.now()
    this.#samples.push({ at: now, bytes: this.#bytes })
    while (now - (this.#samples[0]?.at ?? now) > RATE_WINDOW_MS) this.#samples.shift()
    const total = this.#total?.bytes ?? 0
    if (!bar.isActive) bar.start(total, this.#bytes)
    bar.setTotal(total)
    bar.update(this.#bytes)
  }

  #figures(): Figures {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    const elapsedMs = (last?.at ?? 0) - (first?.at ?? 0)
    const moved = Math.max(0, (last?.bytes ?? 0) - (first?.bytes ?? 0))
    return {
      bytes: this.#bytes,
      files: this.#files,
      total: this.#total,
      bytesPerSecond: elapsedMs > 0 ? (moved / elapsedMs) * 1000 : 0,
    }
  }
}
