import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { throwIfAborted } from '../../core/errors.js'
import type { Stamp, StampMark } from '../../core/stamp.js'
import { DiskSpool } from '../../failover/disk-spool.js'
import { LedgerJournal } from '../../failover/ledger-journal.js'
import { type FileIdentity, sameIdentity } from '../../stores/local/files.js'
import { openAt } from '../../stores/local/locate.js'
import type { Root } from '../../stores/local/root.js'
import type { Reporter } from './reporter.js'

const READ_BYTES = 1024 * 1024

/** Rows and files that are judged together. */
export const TOGETHER = 256

export interface CheckOptions {
  /** Whether bytes are read and compared with their SHA-256. */
  readonly hash: boolean
  readonly repair: boolean
  readonly signal: AbortSignal | undefined
  /** How long a file that nothing names is left to whoever may be about to remove it, beside other processes. */
  readonly graceMs: number
}

/** Something found wrong with one thing, and what would mend it. */
export interface Problem extends About {
  readonly mend?: (() => Promise<boolean>) | undefined
}

type About = Parameters<Reporter['found']>[0]

/** What the parts of a check share. */
export class Check {
  readonly root: Root
  readonly journal: LedgerJournal
  readonly bytes: DiskSpool
  readonly options: CheckOptions
  readonly reporter: Reporter
  #mark: StampMark = { time: 0, sequence: 0 }

  constructor(root: Root, reporter: Reporter, options: CheckOptions) {
    this.root = root
    this.reporter = reporter
    this.options = options
    this.journal = new LedgerJournal(root.ledger)
    this.bytes = new DiskSpool(root)
  }

  throwIfAborted(): void {
    throwIfAborted(this.options.signal, 'fsck')
  }

  /** Beside other processes, gives them the time to end what they are doing. */
  async pause(ms: number): Promise<void> {
    if ((await this.root.others()).length > 0) await sleep(ms)
    this.throwIfAborted()
  }

  async report({ mend, ...about }: Problem): Promise<void> {
    await this.reporter.found(about, mend)
  }

  /** A stamp of this host above everything that its processes may have given out, or nothing. */
  judgeStamp(key: string, stamp: Stamp | undefined): Problem | undefined {
    const { root } = this
    if (stamp === undefined || stamp.host !== root.hostId) return undefined
    if (isAbove(stamp, this.#mark)) this.#mark = root.stampMark()
    if (!isAbove(stamp, this.#mark)) return undefined
    return {
      code: 'STAMP_AHEAD',
      key,
      message: `Its stamp (${stamp.time}, ${stamp.sequence}) is above what this host has given out (${this.#mark.time}, ${this.#mark.sequence}): later writes may count as older.`,
      mend: async () => {
        root.clock.next(stamp)
        return true
      },
    }
  }

  /**
   * The SHA-256 of a file that is and stays the one with this identity.
   *
   * @returns undefined if it does not
   */
  async hashOf(path: string, identity: FileIdentity): Promise<string | undefined> {
    const { files } = this.root
    const opened = await openAt(this.root, path, identity)
    if (!('hit' in opened)) return undefined
    const { fd } = opened.hit
    try {
      const hash = createHash('sha256')
      const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(READ_BYTES, identity.size)))
      for (let at = 0; at < identity.size; ) {
        this.throwIfAborted()
        const read = await files.read(fd, buffer, Math.min(buffer.length, identity.size - at), at)
        if (read === 0) return undefined
        hash.update(buffer.subarray(0, read))
        this.reporter.read(read)
        at += read
      }
      const stays = sameIdentity(this.root.identityOf(await files.fstat(fd)), identity)
      return stays ? hash.digest('hex') : undefined
    } finally {
      await files.close(fd)
    }
  }
}

function isAbove(stamp: StampMark, mark: StampMark): boolean {
  return stamp.sequence > mark.sequence || stamp.time > mark.time
}
