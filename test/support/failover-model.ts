/**
 * The rule of failover, executable. A key is quiet, wary or busy:
 *
 * - *busy*: the journal holds an acknowledged state that the primary has not been seen to hold, or that a late
 *   attempt of another mutation could still undo. Mutations and reads are local.
 * - *wary*: only attempts of unknown outcome are noted. Plain mutations are local, reads are the primary's.
 * - *quiet*: nothing is noted. Everything is the primary's.
 *
 * The model follows one host whose operations come one after the other, and knows what the primary really holds.
 */
export type Mode = 'quiet' | 'wary' | 'busy'

/** What happens to the next request: see `Fault` of the faulty primary. */
export type ModelFault = 'none' | 'refused' | 'lost' | 'late'

/** The name of a version; null where there is no object. */
export type Version = string | null

/** A mutation of unknown outcome: as of `signedAt`, it may have made the primary hold `version`, or may yet. */
interface Attempt {
  readonly version: Version
  readonly signedAt: number
}

interface KeyModel {
  /** What the primary really holds. */
  primary: Version
  /** What was acknowledged last; undefined only for what an unacknowledged attempt left in doubt. */
  acknowledged: Version
  /** In the journal: the acknowledged state, whether or not the primary was seen to hold it. */
  journaled: boolean
  agreed: boolean
  /** Attempts noted in the journal. */
  unknown: Attempt[]
  /** Requests that may still land, whoever knows of them. */
  readonly ghosts: Set<Attempt>
}

export class FailoverModel {
  readonly #keys = new Map<string, KeyModel>()
  /** Until when requests of dead processes may land. */
  #suspectedUntil = 0
  readonly windowMs: number
  now: number

  /** @param windowMs how long after its signing a request may land */
  constructor(now: number, windowMs: number) {
    this.now = now
    this.windowMs = windowMs
  }

  mode(name: string): Mode {
    const key = this.#key(name)
    return key.journaled ? 'busy' : key.unknown.length > 0 ? 'wary' : 'quiet'
  }

  /** What a reader gets; 'away' where only the primary knows and does not answer. */
  read(name: string, fault: ModelFault): Version | 'away' {
    const key = this.#key(name)
    if (key.journaled) return key.acknowledged
    return fault === 'none' ? key.primary : 'away'
  }

  /**
   * A put (of a version) or a delete (null).
   *
   * @param open whether nobody is sent to the primary now
   * @returns where it was acknowledged
   */
  mutate(name: string, version: Version, fault: ModelFault, open: boolean): 'primary' | 'journal' {
    const key = this.#key(name)
    const guarded = this.mode(name) !== 'quiet' || this.now < this.#suspectedUntil
    key.acknowledged = version
    if (!guarded && !open) {
      if (fault === 'none') {
        key.primary = version
        return 'primary'
      }
      this.#attempt(key, version, fault)
    }
    key.journaled = true
    key.agreed = false
    return 'journal'
  }

  /** The replicator has its way with a key whose state the primary is not known to hold. */
  replicate(name: string): void {
    const key = this.#key(name)
    if (!key.journaled || key.agreed) return
    key.primary = key.acknowledged
    const inDoubt = key.unknown.some(attempt => attempt.version !== key.acknowledged)
    if (inDoubt || this.now < this.#suspectedUntil) {
      key.agreed = true
      if (this.now < this.#suspectedUntil) this.#suspect(key)
    } else key.journaled = false
  }

  /** No attempt can land any more: what one has undone is done again, and the key is quiet. */
  settle(name: string): void {
    const key = this.#key(name)
    if (key.journaled && !key.agreed) return
    if (this.now < this.#suspectedUntil) return
    if (key.unknown.some(attempt => this.now < attempt.signedAt + this.windowMs)) return
    if (key.journaled && key.primary !== key.acknowledged) key.primary = key.acknowledged
    key.journaled = false
    key.agreed = false
    key.unknown = []
  }

  /** A late request lands, unless its signature is too old. @returns whether it did */
  land(name: string, index: number): boolean {
    const key = this.#key(name)
    const ghost = [...key.ghosts][index]
    if (ghost === undefined) return false
    key.ghosts.delete(ghost)
    if (this.now >= ghost.signedAt + this.windowMs) return false
    key.primary = ghost.version
    return true
  }

  /** The process dies with requests on their way that nobody noted. */
  crash(): void {
    this.#suspectedUntil = this.now + this.windowMs
  }

  /** What the primary really holds. */
  truth(name: string): Version {
    return this.#key(name).primary
  }

  #attempt(key: KeyModel, version: Version, fault: ModelFault): void {
    if (fault === 'refused' || fault === 'none') return
    const attempt = { version, signedAt: this.now }
    key.unknown.push(attempt)
    if (fault === 'lost') key.primary = version
    else key.ghosts.add(attempt)
  }

  #suspect(key: KeyModel): void {
    key.unknown.push({ version: '?', signedAt: this.#suspectedUntil - this.windowMs })
  }

  #key(name: string): KeyModel {
    let key = this.#keys.get(name)
    if (key === undefined) {
      key = {
        primary: null,
        acknowledged: null,
        journaled: false,
        agreed: false,
        unknown: [],
        ghosts: new Set(),
      }
      this.#keys.set(name, key)
    }
    return key
  }
}
