import type { DueItem, LifecycleAction } from './due-versions.js'

/** How much rules do something to. */
export interface DueTotal {
  readonly count: number
  readonly bytes: number
}

/** How many things a simulation has found, and of how many bytes, by rule and action. */
export class DueTally {
  readonly #rules: Record<string, Partial<Record<LifecycleAction, DueTotal>>> = Object.create(null)
  #count = 0
  #bytes = 0

  add({ rule, action, size }: DueItem): void {
    this.#rules[rule] ??= {}
    const actions = this.#rules[rule]
    const before = actions[action] ?? { count: 0, bytes: 0 }
    actions[action] = { count: before.count + 1, bytes: before.bytes + size }
    this.#count++
    this.#bytes += size
  }

  get rules(): Readonly<Record<string, Partial<Record<LifecycleAction, DueTotal>>>> {
    return this.#rules
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What some actions come to, over all rules. */
  sumOf(actions: readonly LifecycleAction[]): DueTotal {
    const rows = this.rows().filter(({ action }) => actions.includes(action))
    return {
      count: rows.reduce((sum, { count }) => sum + count, 0),
      bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }

  /** The totals one after the other. */
  rows(): ({ readonly rule: string; readonly action: LifecycleAction } & DueTotal)[] {
    return Object.entries(this.#rules).flatMap(([rule, actions]) =>
      (Object.entries(actions) as [LifecycleAction, DueTotal][]).map(([action, total]) => ({
        rule,
        action,
        ...total,
      })),
    )
  }
}
