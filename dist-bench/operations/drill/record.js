const NOTHING = 'nothing';
/**
 * What was acknowledged, key by key, and the judge of what is seen: every answer of the storage is held against
 * what had been acknowledged when it was asked, and what was under way meanwhile.
 */
export class AcknowledgedRecord {
    findings = [];
    /** Puts and deletes that were acknowledged. */
    acknowledged = 0;
    /** Puts and deletes that were not, by error code. */
    refused = {};
    /** Reads that told nothing, by error code. */
    unread = {};
    #keys = new Map();
    #mutations = new Map();
    #reads = new Map();
    #lists = new Map();
    #seen = new Set();
    #events = 0;
    /** Takes in what happened next. */
    take(event) {
        this.#events++;
        switch (event.type) {
            case 'put':
                this.#begin(event.id, event.key, event.content);
                return;
            case 'delete':
                this.#begin(event.id, event.key, undefined);
                return;
            case 'acknowledged':
                this.#end(event.id, undefined);
                return;
            case 'refused':
                this.#end(event.id, event.code);
                return;
            case 'read':
                this.#beginRead(event.id, event.key);
                return;
            case 'found':
                this.#endRead(event.id, event.content);
                return;
            case 'absent':
                this.#endRead(event.id, undefined);
                return;
            case 'unread':
                this.#giveUpRead(event.id, event.code);
                return;
            case 'list':
                this.#lists.set(event.id, { prefix: event.prefix, since: this.#events });
                return;
            case 'listed':
                this.#endList(event.id, event.files, event.complete);
                return;
        }
    }
    /** Every key that was ever written below the prefix. */
    *keys(prefix) {
        for (const key of this.#keys.keys())
            if (key.startsWith(prefix))
                yield key;
    }
    /** Whether something is under the key by what was acknowledged, and nothing refused makes that doubtful. */
    isExpected(key) {
        const record = this.#keys.get(key);
        return record?.acknowledged !== undefined && record.possible.every(state => state !== undefined);
    }
    /** Judges what the bucket itself holds under a key. */
    judge(key, found) {
        const record = this.#record(key);
        this.#compare(key, 'bucket', [record.acknowledged, ...record.possible], found);
    }
    #begin(id, key, state) {
        const record = this.#record(key);
        if (state !== undefined)
            record.versions.set(state.sha256, state);
        record.running.set(id, state);
        record.touched = this.#events;
        for (const watch of record.watching)
            watch.allowed.push(state);
        this.#mutations.set(id, record);
    }
    #end(id, code) {
        const record = this.#mutations.get(id);
        if (record === undefined)
            return;
        const state = record.running.get(id);
        this.#mutations.delete(id);
        record.running.delete(id);
        record.touched = this.#events;
        if (code === undefined) {
            this.acknowledged++;
            record.acknowledged = state;
            record.possible.length = 0;
        }
        else {
            this.refused[code] = (this.refused[code] ?? 0) + 1;
            record.possible.push(state);
        }
    }
    #beginRead(id, key) {
        const record = this.#record(key);
        const allowed = [record.acknowledged, ...record.possible, ...record.running.values()];
        const watch = { key, allowed };
        record.watching.add(watch);
        this.#reads.set(id, watch);
    }
    #endRead(id, found) {
        const watch = this.#takeRead(id);
        if (watch !== undefined)
            this.#compare(watch.key, 'read', watch.allowed, found);
    }
    #giveUpRead(id, code) {
        if (this.#takeRead(id) !== undefined)
            this.unread[code] = (this.unread[code] ?? 0) + 1;
    }
    #takeRead(id) {
        const watch = this.#reads.get(id);
        this.#reads.delete(id);
        if (watch !== undefined)
            this.#keys.get(watch.key)?.watching.delete(watch);
        return watch;
    }
    #endList(id, files, complete) {
        const list = this.#lists.get(id);
        if (list === undefined)
            return;
        this.#lists.delete(id);
        const sizes = new Map(files);
        for (const [key, record] of this.#keys) {
            // What a mutation was at work on meanwhile may be in the listing or not.
            const isSteady = record.touched < list.since && record.running.size === 0;
            if (!isSteady || record.possible.length > 0 || !key.startsWith(list.prefix))
                continue;
            const size = sizes.get(key);
            const { acknowledged } = record;
            if (size === undefined) {
                if (acknowledged !== undefined && complete)
                    this.#find('lost', key, 'listing', acknowledged, NOTHING);
            }
            else if (acknowledged === undefined) {
                this.#find('resurrected', key, 'listing', acknowledged, `${size} bytes`);
            }
            else if (size !== acknowledged.size) {
                const isOlder = [...record.versions.values()].some(version => version.size === size);
                this.#find(isOlder ? 'shadowed' : 'partial', key, 'listing', acknowledged, `${size} bytes`);
            }
        }
    }
    #compare(key, where, allowed, found) {
        if (allowed.some(state => state?.sha256 === found?.sha256 && state?.size === found?.size))
            return;
        const [expected] = allowed;
        if (found === undefined)
            this.#find('lost', key, where, expected, NOTHING);
        else if (this.#keys.get(key)?.versions.get(found.sha256)?.size !== found.size) {
            this.#find('partial', key, where, expected, describe(found));
        }
        else {
            const kind = expected === undefined ? 'resurrected' : 'shadowed';
            this.#find(kind, key, where, expected, describe(found));
        }
    }
    /** Notes a difference; the same one of the same key only once. */
    #find(kind, key, where, expected, found) {
        const name = `${kind} ${where} ${key}`;
        if (this.#seen.has(name))
            return;
        this.#seen.add(name);
        this.findings.push({ kind, key, where, expected: describe(expected), found });
    }
    #record(key) {
        let record = this.#keys.get(key);
        if (record === undefined) {
            record = {
                acknowledged: undefined,
                possible: [],
                versions: new Map(),
                running: new Map(),
                watching: new Set(),
                touched: 0,
            };
            this.#keys.set(key, record);
        }
        return record;
    }
}
function describe(state) {
    return state === undefined ? NOTHING : `${state.size} bytes, SHA-256 ${state.sha256.slice(0, 12)}…`;
}
//# sourceMappingURL=record.js.map