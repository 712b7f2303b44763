import { trials } from './trials.js';
/** The profile of one endpoint and bucket: kept in memory, and as plain data for who wants to store it. */
export class Profile {
    #client;
    #known;
    #asking = new Map();
    constructor(client, known = {}) {
        this.#client = client;
        this.#known = { ...known };
    }
    /** What is known so far; undefined where it was not needed yet. */
    known(feature) {
        return this.#known[feature];
    }
    /**
     * What the endpoint does, tried out now if it is not known.
     *
     * @throws StorageError what keeps the trial from an answer; the next question tries again
     */
    async ask(feature) {
        const known = this.#known[feature];
        if (known !== undefined)
            return known;
        let asking = this.#asking.get(feature);
        if (asking === undefined) {
            asking = trials[feature](this.#client).finally(() => this.#asking.delete(feature));
            this.#asking.set(feature, asking);
        }
        const found = await asking;
        this.#known[feature] = found;
        return found;
    }
    toJSON() {
        return { ...this.#known };
    }
}
//# sourceMappingURL=profile.js.map