import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from './files.js';
/** Files of processes that ended are thinned out when there are more than this. */
const KEPT_FILES = 16;
/**
 * The stamps that the processes of a folder have reserved, as files named for the sequence they reach: one
 * process can create a name, so no two ever hold the same sequences. Not in the ledger, since stamps must be
 * given out for writes to the object store even after the ledger's disk has failed, and at once, without
 * waiting in the middle of a write.
 */
export class ClockFile {
    #folder;
    #process;
    #isDead;
    #held;
    constructor(folder, process, isDead) {
        this.#folder = folder;
        this.#process = process;
        this.#isDead = isDead;
    }
    /** The mark above which every stamp of a process that starts now lies. */
    floor() {
        return this.#read().mark;
    }
    /** What a {@link StampClock} calls. @throws the system's error if it cannot be made durable */
    reserve(from, to) {
        const count = to.sequence - from.sequence;
        for (;;) {
            const { mark, files } = this.#read();
            const floor = Math.max(mark.sequence, from.sequence);
            const name = String(floor + count);
            if (!this.#create(name, { process: this.#process, time: to.time, sequence: floor + count }))
                continue;
            // Somebody who went ahead meanwhile may have removed the names that this one was judged by.
            if (this.#read().mark.sequence !== floor + count) {
                this.#remove(name);
                continue;
            }
            if (this.#held !== undefined)
                this.#remove(this.#held);
            this.#held = name;
            this.#thin(files);
            return floor;
        }
    }
    /** Notes at a clean end how far the reserved time was really used. */
    release(used) {
        if (this.#held === undefined)
            return;
        try {
            const sequence = Number(this.#held);
            this.#write(this.#held, 'w', { process: this.#process, time: used.time, sequence });
        }
        catch {
            // The longer reservation stays, which is no harm.
        }
    }
    #read() {
        const files = new Map();
        let time = 0;
        let sequence = 0;
        for (const name of readdirSync(this.#folder)) {
            if (!/^\d{1,16}$/.test(name))
                continue;
            sequence = Math.max(sequence, Number(name));
            const found = parse(this.#text(name));
            if (found === undefined)
                continue;
            files.set(name, found);
            time = Math.max(time, found.time);
        }
        return { mark: { time, sequence }, files };
    }
    #text(name) {
        try {
            return readFileSync(join(this.#folder, name), 'utf8');
        }
        catch (error) {
            if (systemCode(error) === 'ENOENT')
                return '';
            throw error;
        }
    }
    #create(name, reservation) {
        try {
            this.#write(name, 'wx', reservation);
            return true;
        }
        catch (error) {
            if (systemCode(error) === 'EEXIST')
                return false;
            // Left empty, it would be read at every reservation and thinned out by none.
            this.#remove(name);
            throw error;
        }
    }
    #write(name, flags, reservation) {
        const fd = openSync(join(this.#folder, name), flags, 0o600);
        try {
            writeSync(fd, JSON.stringify(reservation));
            fsyncSync(fd);
        }
        finally {
            closeSync(fd);
        }
        if (process.platform === 'win32')
            return;
        const folder = openSync(this.#folder, 'r');
        try {
            fsyncSync(folder);
        }
        finally {
            closeSync(folder);
        }
    }
    /** Removes what processes that ended had reserved, but never the highest time among them. */
    #thin(files) {
        if (files.size <= KEPT_FILES)
            return;
        const dead = [...files].filter(([, reservation]) => this.#isDead(reservation.process));
        const newest = dead.reduce((time, [, reservation]) => Math.max(time, reservation.time), 0);
        for (const [name, reservation] of dead)
            if (reservation.time < newest)
                this.#remove(name);
    }
    #remove(name) {
        try {
            unlinkSync(join(this.#folder, name));
        }
        catch {
            // Another process thinned it out too, or will.
        }
    }
}
function parse(text) {
    try {
        const { process, time, sequence } = JSON.parse(text);
        return typeof process === 'string' && Number.isSafeInteger(time) && Number.isSafeInteger(sequence)
            ? { process, time, sequence }
            : undefined;
    }
    catch {
        return undefined;
    }
}
//# sourceMappingURL=clock-file.js.map