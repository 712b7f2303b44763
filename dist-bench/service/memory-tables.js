/** The tables of a store that has no folder: they last as long as the process. */
export class MemoryTables {
    #tables = new Map();
    #version = 0;
    table(name) {
        const table = this.#tables.get(name) ?? new MemoryTable();
        this.#tables.set(name, table);
        return table;
    }
    async commit(conditions, write) {
        if (conditions.some(({ table, key, version }) => table.get(key)?.version !== version))
            return undefined;
        const version = ++this.#version;
        write(version);
        return version;
    }
}
class MemoryTable {
    /** In the order of the names' bytes. */
    #entries = [];
    get(key) {
        const entry = this.#entries[this.#search(key)];
        return entry?.name.equals(key) ? { value: entry.value, version: entry.version } : undefined;
    }
    range(start, end, limit) {
        const from = this.#search(start);
        const to = end === undefined ? this.#entries.length : this.#search(end);
        return this.#entries
            .slice(from, Math.min(to, from + limit))
            .map(({ name, value, version }) => ({ key: name.toString(), value, version }));
    }
    count() {
        return this.#entries.length;
    }
    put(key, value, version) {
        const at = this.#search(key);
        const replaced = this.#entries[at]?.name.equals(key) === true;
        this.#entries.splice(at, replaced ? 1 : 0, { name: key, value, version });
    }
    remove(key) {
        const at = this.#search(key);
        if (this.#entries[at]?.name.equals(key))
            this.#entries.splice(at, 1);
    }
    /** Index of the first entry that is not before the key. */
    #search(key) {
        let low = 0;
        let high = this.#entries.length;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (Buffer.compare(this.#entries[middle].name, key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
//# sourceMappingURL=memory-tables.js.map