import { setTimeout as sleep } from 'node:timers/promises';
import { shown, throwIfAborted } from '../../core/errors.js';
import { adoption, STILL_MS } from './adopt.js';
import { storageError } from './io-error.js';
import { walk } from './walk.js';
/** Files committed together. */
const BATCH = 256;
/** Adopted files between two notes of how far the scan has come. */
const NOTE_EVERY = 4096;
/** Names that are told one by one. */
const TOLD = 20;
/** How long files that keep changing, such as logs, are waited for. */
const PATIENCE_MS = 60_000;
/** The fact that tells how far the scan has come: the last key, or (no key holds a NUL) that it is done. */
const FACT = 'adopted';
const DONE = '\0done';
/** Whether every file that was in the folder before its ledger has been looked at. */
export function isAdopted(ledger) {
    return ledger.fact(FACT) === DONE;
}
/** Notes that it has. */
export async function setAdopted(ledger) {
    await ledger.setFact(FACT, DONE);
}
/** Has the folder looked through anew, by the next scan. */
export async function forgetAdopted(ledger) {
    await ledger.removeFacts([FACT]);
}
/**
 * The one scan of a folder whose ledger is new, or that becomes the net of a bucket: adopts what was there before,
 * and goes on where it was left.
 */
export class AdoptionScan {
    #root;
    #adopter;
    #stop = new AbortController();
    #running;
    #ended = false;
    #notAdopted = 0;
    /** Settles when the scan has ended, one way or the other. */
    done;
    constructor(root, adopter) {
        this.#root = root;
        this.#adopter = adopter;
        this.#running = !isAdopted(root.ledger);
        this.#ended = !this.#running;
        this.done = this.#running ? this.#run() : Promise.resolve();
    }
    /** Whether it has come to its end, one way or the other. */
    get ended() {
        return this.#ended;
    }
    /** Whether files may be in the folder that have no row yet. */
    get running() {
        return this.#running;
    }
    /** Ends the scan where it is. */
    async close() {
        this.#stop.abort();
        await this.done;
    }
    async #run() {
        try {
            let late = await this.#pass();
            const until = performance.now() + PATIENCE_MS;
            while (late.length > 0 && performance.now() < until) {
                await sleep(STILL_MS / 2, undefined, { signal: this.#stop.signal, ref: false });
                late = await this.#again(late);
            }
            for (const key of late.slice(0, TOLD)) {
                this.#root.addProblem('NOT_ADOPTED', `${shown(key)} was not adopted: it keeps changing. An import takes it later.`);
            }
            await setAdopted(this.#root.ledger);
            this.#running = false;
            if (this.#notAdopted > TOLD) {
                this.#root.addProblem('NOT_ADOPTED', `${this.#notAdopted} names in the folder were not adopted in all.`);
            }
        }
        catch (error) {
            if (this.#stop.signal.aborted)
                return;
            this.#root.diskFailed(error);
            const why = storageError(error, 'adopt').message;
            this.#root.addProblem('ADOPTION_STOPPED', `Files that were in the folder before could not all be adopted: ${why}`);
        }
        finally {
            this.#ended = true;
        }
    }
    /** @returns the keys of files that had not stood still */
    async #pass() {
        const noted = this.#root.ledger.fact(FACT);
        const late = [];
        let batch = [];
        let sinceNote = 0;
        for await (const found of walk(this.#root, '', noted === undefined ? [] : noted.split('/'))) {
            throwIfAborted(this.#stop.signal, 'adopt');
            if ('reason' in found) {
                if (this.#notAdopted++ < TOLD) {
                    this.#root.addProblem('NOT_ADOPTED', `${shown(found.path)} was not adopted: ${found.reason}.`);
                }
                continue;
            }
            if (this.#adopter.waitFor(found.key, found.stat) > 0)
                late.push(found.key);
            else
                batch.push(adoption(found.key, found.stat));
            if (batch.length < BATCH)
                continue;
            await this.#adopter.commit(batch);
            batch = [];
            sinceNote += BATCH;
            // Behind a file that still waits there is nothing to note: it would be passed over.
            if (sinceNote >= NOTE_EVERY && late.length === 0) {
                await this.#root.ledger.setFact(FACT, found.key);
                sinceNote = 0;
            }
        }
        await this.#adopter.commit(batch);
        return late;
    }
    async #again(keys) {
        const late = [];
        for (const key of keys) {
            throwIfAborted(this.#stop.signal, 'adopt');
            const stat = await this.#adopter.look(key);
            if (stat === undefined || this.#root.ledger.get(key) !== undefined)
                continue;
            if (this.#adopter.waitFor(key, stat) > 0)
                late.push(key);
            else
                await this.#adopter.commit([adoption(key, stat)]);
        }
        return late;
    }
}
//# sourceMappingURL=adoption-scan.js.map