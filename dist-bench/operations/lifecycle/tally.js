/** How many things a simulation has found, and of how many bytes, by rule and action. */
export class DueTally {
    #rules = {};
    #count = 0;
    #bytes = 0;
    add({ rule, action, size }) {
        this.#rules[rule] ??= {};
        const actions = this.#rules[rule];
        const before = actions[action] ?? { count: 0, bytes: 0 };
        actions[action] = { count: before.count + 1, bytes: before.bytes + size };
        this.#count++;
        this.#bytes += size;
    }
    get rules() {
        return this.#rules;
    }
    get count() {
        return this.#count;
    }
    get bytes() {
        return this.#bytes;
    }
    /** The totals one after the other. */
    rows() {
        return Object.entries(this.#rules).flatMap(([rule, actions]) => Object.entries(actions).map(([action, total]) => ({
            rule,
            action,
            ...total,
        })));
    }
}
//# sourceMappingURL=tally.js.map