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

/** Where a put was acknowledged; or why it was not. */
export type Created = 'primary' | 'journal' | 'exists' | 'away'

/**
 * A mutation of unknown outcome: as of `signedAt`, it may have made the primary hold `version`, or may yet; one that
 * creates only where that holds nothing.
 */
interface Attempt {
  readonly version: Version
  readonly signedAt: number
  readonly creates: boolean
}

interface KeyModel {
  /** What the primary really holds. */
  primary: Version
  /** What was acknowledged last; undefined only for what an unacknowledged attempt left in doubt. */
  acknowledged: Version
  /** In the journal: the acknowledged state, whether or not the primary was seen to hold it. */
  journaled: boolean
  agreed: boolean
  /** It was to be created, and whether there was nothing is for the primary to tell. */
  undecided: boolean
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
  /** Accepted files that were not the first after all. */
  conflicts = 0

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
      this.#attempt(key, { version, fault, creates: false })
    }
    key.journaled = true
    key.agreed = false
    key.undecided = false
    return 'journal'
  }

  /**
   * A put of a file that is to be new.
   *
   * @param accepts whether it is taken where nobody can tell
   */
  create(name: string, version: Version, fault: ModelFault, open: boolean, accepts: boolean): Created {
    const key = this.#key(name)
    if (key.journaled) {
      return key.acknowledged === null ? this.mutate(name, version, fault, open) : 'exists'
    }
    const suspected = this.now < this.#suspectedUntil
    if (!open && fault === 'none') {
      if (key.primary !== null) return 'exists'
      key.primary = version
      key.acknowledged = version
      // What may be on its way could undo it: it is kept here as well.
      key.journaled = suspected || key.unknown.length > 0
      key.agreed = key.journaled
      if (suspected) this.#suspect(key)
      return 'primary'
    }
    if (!open) this.#attempt(key, { version, fault, creates: true })
    if (!accepts) return 'away'
    key.acknowledged = version
    key.journaled = true
    key.agreed = false
    key.undecided = true
    return 'journal'
  }

  /** What is under the key once everything is replicated, if nothing else happens. */
  outcome(name: string): Version {
    const key = this.#key(name)
    return key.journaled && !this.#loses(key) ? key.acknowledged : key.primary
  }

  /** The replicator has its way with a key whose state the primary is not known to hold. */
  replicate(name: string): void {
    const key = this.#key(name)
    if (!key.journaled || key.agreed) return
    const suspected = this.now < this.#suspectedUntil
    if (this.#loses(key)) {
      this.conflicts++
      key.journaled = false
      key.undecided = false
      if (suspected) this.#suspect(key)
      return
    }
    key.undecided = false
    key.primary = key.acknowledged
    const inDoubt = key.unknown.some(attempt => attempt.version !== key.acknowledged)
    if (inDoubt || suspected) {
      key.agreed = true
      if (suspected) this.#suspect(key)
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
    if (!ghost.creates || key.primary === null) key.primary = ghost.version
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

  #loses({ undecided, primary, acknowledged }: KeyModel): boolean {
    return undecided && primary !== null && primary !== acknowledged
  }

  #attempt(
    key: KeyModel,
    { version, fault, creates }: { version: Version; fault: ModelFault; creates: boolean },
  ): void {
    if (fault === 'refused' || fault === 'none') return
    const attempt = { version, signedAt: this.now, creates }
    // One that is answered by a refusal, which is lost, has done nothing; but nobody knows.
    key.unknown.push(attempt)
    if (fault === 'lost') {
      if (!creates || key.primary === null) key.primary = version
    } else key.ghosts.add(attempt)
  }

  #suspect(key: KeyModel): void {
    const signedAt = this.#suspectedUntil - this.windowMs
    key.unknown.push({ version: '?', signedAt, creates: false })
  }

  #key(name: string): KeyModel {
    let key = this.#keys.get(name)
    if (key === undefined) {
      key = {
        primary: null,
        acknowledged: null,
        journaled: false,
        agreed: false,
        undecided: false,
        unknown: [],
        ghosts: new Set(),
      }
      this.#keys.set(name, key)
    }
    return key
  }
}
