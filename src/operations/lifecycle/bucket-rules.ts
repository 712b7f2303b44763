import { setTimeout as sleep } from 'node:timers/promises'
import { activeProvider, type StorageConfig } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import { asksForTags, type LifecycleRule } from '../../service/lifecycle/rules.js'
import { actionsText, filterText } from '../../service/lifecycle/wording.js'
import { bucketOptions } from '../../service/s3-backend.js'
import { type LifecycleDocument, LifecycleSettings } from '../../stores/s3/lifecycle.js'
import type { XmlElement } from '../../stores/s3/xml-element.js'
import { disabled, fromXml, idOf, meaningOf, toGiveBack, toXml } from './rule-xml.js'

/** What the ids of rules begin with that are ours to change; those of others are left alone. */
export const OWN_PREFIX = 'holdfast-'

/** A rule in force at a bucket. */
export interface BucketRule {
  /** As in the file of rules for one of ours; as the bucket has it for one of others. */
  readonly id: string
  readonly owner: 'holdfast' | 'other'
  readonly rule: LifecycleRule
  /** What else the rule holds, which is kept as it is and not looked at. */
  readonly unknown: readonly string[]
}

/** What applying rules does to one of a bucket's. */
export interface RuleChange {
  readonly change: 'add' | 'change' | 'remove'
  readonly id: string
  /** What the bucket has. */
  readonly from?: LifecycleRule
  /** What it is to have. */
  readonly to?: LifecycleRule
}

/** What applying rules comes to, and for which rules of the bucket that was found out. */
export interface RulePlan {
  readonly changes: readonly RuleChange[]
  /** Rules of ours that are as they should be. */
  readonly unchanged: number
  /** Rules of others, which stay. */
  readonly others: number
  /** @internal */
  readonly before: LifecycleDocument
  /** @internal */
  readonly after: LifecycleDocument
  /** @internal Which of the rules to come are to be tried out before they are in force. */
  readonly tryFirst: readonly string[]
}

/** Rules as they act together. */
export interface RulesInForce {
  /** Ours with their ids in the file, those of others with the ids that they have. */
  readonly rules: readonly LifecycleRule[]
  /** Rules of others that do something which nobody here knows. */
  readonly notWhole: readonly BucketRule[]
  readonly transitionMinimum: string | undefined
}

/** How long a server may show the rules from before a change. Milliseconds. */
const STALE_MS = 10_000
const AGAIN_MS = 500

/** The lifecycle rules of the configured bucket. Every method throws what {@link LifecycleSettings} throws. */
export class BucketRules {
  readonly #settings: LifecycleSettings

  /** @throws StorageError `CONFIG_INVALID` where no object storage is configured */
  constructor(config: StorageConfig) {
    if (activeProvider(config) === 'local') {
      const message =
        'Files are kept on the local disk, which has no rules of its own: those of the file are in force there while Holdfast runs. Accepted: OBJECT_STORAGE_ENABLED=true with the provider s3 or minio.'
      throw new StorageError({ code: 'CONFIG_INVALID', op: 'lifecycle', message })
    }
    this.#settings = new LifecycleSettings(bucketOptions(config))
  }

  get bucket(): string {
    return this.#settings.bucket
  }

  /** The rules in force, ours and those of others. */
  async read(signal?: AbortSignal): Promise<BucketRule[]> {
    return (await this.#settings.read(signal)).rules.map(bucketRule)
  }

  /**
   * The rules that are in force.
   *
   * @param ours where given, as if these had been applied
   */
  async inForce(ours: readonly LifecycleRule[] | undefined, signal?: AbortSignal): Promise<RulesInForce> {
    const { rules, transitionMinimum } = await this.#settings.read(signal)
    const found = rules.map(bucketRule)
    const others = found.filter(({ owner }) => owner === 'other')
    const all = (ours === undefined ? found : others).map(({ rule }) => rule)
    return {
      rules: [...all, ...(ours ?? [])],
      notWhole: others.filter(({ unknown }) => unknown.length > 0),
      transitionMinimum,
    }
  }

  /** What {@link apply} would do with these rules as ours. Changes nothing. */
  async plan(rules: readonly LifecycleRule[], signal?: AbortSignal): Promise<RulePlan> {
    return planOf(await this.#settings.read(signal), rules)
  }

  /**
   * Carries out a plan, and reads back what came of it. Rules whose filter a server could pass over are given to it out of
   * force first, so that no rule ever removes more than was asked. Where the server keeps something else than it was
   * given, the rules from before are put back.
   *
   * @throws StorageError `PRECONDITION_FAILED` if the bucket's rules are others by now: nothing was done. `UNSUPPORTED` if the
   *   server does not keep what a rule asks for, `INVALID_ARGUMENT` if it refuses it: all is as before.
   */
  async apply(plan: RulePlan, signal?: AbortSignal): Promise<void> {
    if (plan.changes.length === 0) return
    const { before, after, tryFirst } = plan
    if (!isSame(await this.#settings.read(signal), before)) {
      const message = `The rules of the bucket ${this.bucket} were changed by somebody else just now; nothing was done.`
      throw new StorageError({ code: 'PRECONDITION_FAILED', op: 'lifecycle', store: 's3', message })
    }
    if (tryFirst.length > 0) {
      const rules = after.rules.map(rule => (tryFirst.includes(idOf(rule)) ? disabled(rule) : rule))
      await this.#write({ ...after, rules }, before, before, signal)
      await this.#write(after, { ...after, rules }, before, signal)
    } else await this.#write(after, before, before, signal)
  }

  close(): Promise<void> {
    return this.#settings.close()
  }

  /**
   * Writes rules, and makes sure that the bucket has them.
   *
   * @param stale what the bucket had right before, and may show for a moment
   * @param before what it is to have again where that fails
   */
  async #write(
    next: LifecycleDocument,
    stale: LifecycleDocument,
    before: LifecycleDocument,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      await this.#settings.write(next, signal)
      for (const until = performance.now() + STALE_MS; ; ) {
        const now = await this.#settings.read(signal)
        if (isSame(now, next)) return
        if (!isSame(now, stale)) throw notKept(next, now)
        if (performance.now() > until) throw stillOld(this.bucket)
        await sleep(AGAIN_MS, undefined, { signal })
      }
    } catch (error) {
      await this.#putBack(before, error)
      throw error
    }
  }

  /** Gives the bucket its rules from before again; also where somebody interrupts. */
  async #putBack(before: LifecycleDocument, reason: unknown): Promise<void> {
    try {
      if (isSame(await this.#settings.read(), before)) return
      await this.#settings.write({ ...before, rules: before.rules.map(toGiveBack) })
    } catch (error) {
      const message = `The rules of the bucket ${this.bucket} were not changed as asked (${textOf(reason)}), and it could not be given those from before (${textOf(error)}): "holdfast lifecycle diff" tells how it stands.`
      throw new StorageError({ code: 'UNAVAILABLE', op: 'lifecycle', store: 's3', message, cause: error })
    }
  }
}

function planOf(found: LifecycleDocument, rules: readonly LifecycleRule[]): RulePlan {
  const wanted = new Map(rules.map(rule => [OWN_PREFIX + rule.id, rule]))
  const changes: RuleChange[] = []
  const tryFirst: string[] = []
  const others = found.rules.filter(rule => !isOwn(rule))
  const there = new Map(found.rules.filter(isOwn).map(rule => [idOf(rule), rule]))
  for (const [id, rule] of there) {
    const to = wanted.get(id)
    const from = bucketRule(rule).rule
    if (to === undefined) changes.push({ change: 'remove', id: from.id, from })
    else if (meaningOf(rule) !== meaningOf(ownXml(to)))
      changes.push({ change: 'change', id: to.id, from, to })
  }
  for (const [id, to] of wanted) if (!there.has(id)) changes.push({ change: 'add', id: to.id, to })
  for (const { to } of changes) if (to?.enabled && canBeWidened(to)) tryFirst.push(OWN_PREFIX + to.id)
  const after = { ...found, rules: [...others.map(toGiveBack), ...rules.map(ownXml)] }
  const touched = changes.filter(({ change }) => change !== 'remove').length
  return {
    changes,
    unchanged: rules.length - touched,
    others: others.length,
    before: found,
    after,
    tryFirst,
  }
}

/** Whether a rule would be for more than was asked, if a server passed over what not every server knows. */
function canBeWidened(rule: LifecycleRule): boolean {
  const { largerThan, smallerThan } = rule.filter
  return (
    asksForTags(rule) ||
    largerThan !== undefined ||
    smallerThan !== undefined ||
    rule.expireOldVersions?.keepNewest !== undefined
  )
}

function bucketRule(element: XmlElement): BucketRule {
  const { rule, unknown } = fromXml(element)
  if (!isOwn(element)) return { id: rule.id, owner: 'other', rule, unknown }
  const id = rule.id.slice(OWN_PREFIX.length)
  return { id, owner: 'holdfast', rule: { ...rule, id }, unknown }
}

function isOwn(rule: XmlElement): boolean {
  return idOf(rule).startsWith(OWN_PREFIX)
}

function ownXml(rule: LifecycleRule): XmlElement {
  return toXml({ ...rule, id: OWN_PREFIX + rule.id })
}

/** Whether two lists of rules mean the same; their order has no meaning. */
function isSame(a: LifecycleDocument, b: LifecycleDocument): boolean {
  const [one, other] = [a, b].map(({ rules }) => rules.map(meaningOf).sort())
  return one?.length === other?.length && one?.every((meaning, index) => meaning === other?.[index]) === true
}

function notKept(asked: LifecycleDocument, kept: LifecycleDocument): StorageError {
  const found = new Map(kept.rules.map(rule => [idOf(rule), rule]))
  const lines = asked.rules.flatMap(rule => {
    const now = found.get(idOf(rule))
    if (now !== undefined && meaningOf(now) === meaningOf(rule)) return []
    const { id } = bucketRule(rule)
    return [`  ${id}: asked for ${told(rule)}; it has ${now === undefined ? 'no such rule' : told(now)}`]
  })
  const message = `The server does not keep the rules as they were given to it, so they were taken back; all is as before.\n${lines.join('\n')}`
  return new StorageError({ code: 'UNSUPPORTED', op: 'lifecycle', store: 's3', message })
}

function told(element: XmlElement): string {
  const { rule } = fromXml(element)
  return `"${filterText(rule)}: ${actionsText(rule)}"`
}

function stillOld(bucket: string): StorageError {
  const message = `The bucket ${bucket} still shows its rules from before, ${STALE_MS / 1000} seconds after it was given others; those from before were given to it again.`
  return new StorageError({ code: 'UNAVAILABLE', op: 'lifecycle', store: 's3', message })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
