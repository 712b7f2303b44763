import { FINDINGS } from './findings.js';
/** Passes on what is found, has it mended where that is wanted, and keeps count. */
export class Reporter {
    counts = {
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
    };
    #listener;
    #repairs;
    #phase = 'ledger';
    #done = 0;
    #of;
    #read = 0;
    constructor(listener, repairs) {
        this.#listener = listener;
        this.#repairs = repairs;
    }
    /**
     * Tells a finding, mended first where that is wanted.
     *
     * @param mend what would mend it, if anything does; resolves with whether it did
     */
    async found(about, mend, wanted = this.#repairs) {
        const kind = FINDINGS[about.code];
        const severity = about.severity ?? kind.severity;
        const repaired = wanted && mend !== undefined ? await mend() : false;
        const { code, key, path, message } = about;
        this.counts[severity === 'loss' ? 'losses' : severity === 'difference' ? 'differences' : 'notes']++;
        if (repaired)
            this.counts.repaired++;
        await this.#listener.onFinding({
            code,
            severity,
            ...(key !== undefined && { key }),
            ...(path !== undefined && { path }),
            message,
            ...(mend !== undefined && kind.repair !== undefined && { repair: kind.repair }),
            repaired,
        });
    }
    begin(phase, of) {
        this.#phase = phase;
        this.#done = 0;
        this.#of = of;
        this.#tell();
    }
    /** So many more things were looked at. */
    step(count) {
        this.#done += count;
        this.#tell();
    }
    /** So many more bytes were read. */
    read(bytes) {
        this.#read += bytes;
        this.#tell();
    }
    #tell() {
        this.#listener.onProgress?.({ phase: this.#phase, done: this.#done, of: this.#of, bytes: this.#read });
    }
}
//# sourceMappingURL=reporter.js.map