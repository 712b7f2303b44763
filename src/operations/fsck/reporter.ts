import { type About, FINDINGS, type Finding, type FsckSummary } from './findings.js'

/** How far a check is. */
export interface FsckProgress {
  readonly phase: 'ledger' | 'objects' | 'journal' | 'files' | 'rebuild'
  /** Things looked at in this phase, and how many there are, where that is known. */
  readonly done: number
  readonly of?: number | undefined
  /** Bytes read and compared so far, in all phases. */
  readonly bytes: number
}

/** Told what is found, and how far the check is. */
export interface FsckListener {
  readonly onFinding: (finding: Finding) => Promise<void> | void
  readonly onProgress?: ((progress: FsckProgress) => void) | undefined
}

type Counts = { -readonly [K in keyof FsckSummary]: FsckSummary[K] }

/** Passes on what is found, has it mended where that is wanted, and keeps count. */
export class Reporter {
  readonly counts: Counts = {
    complete: false,
    objects: 0,
    bytes: 0,
    entries: 0,
    entryBytes: 0,
    hashed: 0,
    unhashed: 0,
    unjudged: 0,
    losses: 0,
    differences: 0,
    notes: 0,
    repaired: 0,
    others: 0,
  }
  readonly #listener: FsckListener
  readonly #repairs: boolean
  #phase: FsckProgress['phase'] = 'ledger'
  #done = 0
  #of: number | undefined
  #read = 0

  constructor(listener: FsckListener, repairs: boolean) {
    this.#listener = listener
    this.#repairs = repairs
  }

  /**
   * Tells a finding, mended first where that is wanted.
   *
   * @param mend what would mend it, if anything does; resolves with whether it did
   */
  async found(about: About, mend?: () => Promise<boolean>, wanted = this.#repairs): Promise<void> {
    const kind: { severity: Finding['severity']; repair?: string } = FINDINGS[about.code]
    const severity = about.severity ?? kind.severity
    const repaired = wanted && mend !== undefined ? await mend() : false
    const { code, key, path, message } = about
    this.counts[severity === 'loss' ? 'losses' : severity === 'difference' ? 'differences' : 'notes']++
    if (repaired) this.counts.repaired++
    await this.#listener.onFinding({
      code,
      severity,
      ...(key !== undefined && { key }),
      ...(path !== undefined && { path }),
      message,
      ...(mend !== undefined && kind.repair !== undefined && { repair: kind.repair }),
      repaired,
    })
  }

  begin(phase: FsckProgress['phase'], of?: number): void {
    this.#phase = phase
    this.#done = 0
    this.#of = of
    this.#tell()
  }

  /** So many more things were looked at. */
  step(count: number): void {
    this.#done += count
    this.#tell()
  }

  /** So many more bytes were read. */
  read(bytes: number): void {
    this.#read += bytes
    this.#tell()
  }

  #tell(): void {
    this.#listener.onProgress?.({ phase: this.#phase, done: this.#done, of: this.#of, bytes: this.#read })
  }
}
