import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { systemCode } from './files.js';
/** This process's own PID space. Where the system does not tell (not Linux), one word stands for all. */
export function ownPidSpace() {
    const boot = bootId();
    const namespace = read(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''));
    return { boot: boot ?? 'machine', namespace: namespace ?? '0' };
}
/** Names this boot of the machine; undefined where the system does not tell. */
export function bootId() {
    return read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}
/** The opened folders of this thread, by their process ids; shared by every copy of this package in it. */
const own = shared('holdfast.openings', () => new Set());
/** What all copies of this package in one thread have in common under a name. */
export function shared(name, make) {
    const holder = globalThis;
    const symbol = Symbol.for(name);
    holder[symbol] ??= make();
    return holder[symbol];
}
/**
 * A new id for one opening of a folder by this process: `<boot>.<namespace>.<pid>.<start>.<thread>.<random>`.
 * Good as a file name, never given twice, and enough to find out later whether its holder still lives.
 */
export function newProcessId(space) {
    const start = processStat('self')?.start ?? '0';
    const id = [spaceName(space), process.pid, start, threadId, randomBytes(4).toString('hex')].join('.');
    own.add(id);
    return id;
}
/** Says that the holder of an id of this process has ended, as if the process had. */
export function endProcessId(id) {
    own.delete(id);
}
/** The number of the process that an id names. */
export function pidOf(id) {
    return Number(id.split('.')[2]);
}
/**
 * Whether the holder of an id is known to have ended. The lease admits one PID space at a time, so whoever
 * is of another one has.
 */
export function isKnownDead(id, space) {
    const [boot, namespace, pidText, start, thread] = id.split('.');
    const pid = Number(pidText);
    if (boot === undefined || start === undefined || !Number.isSafeInteger(pid) || pid <= 0)
        return true;
    if (`${boot}.${namespace}` !== spaceName(space))
        return true;
    const state = pidState(pid);
    if (state === undefined)
        return true;
    if (state !== UNKNOWN && state !== start)
        return true;
    // Of this thread every id is known; of other threads and processes, that they live is all that is.
    return pid === process.pid && thread === String(threadId) && !own.has(id);
}
function spaceName(space) {
    return `${space.boot.replace(/[^0-9a-z]/gi, '').slice(0, 12)}.${space.namespace}`;
}
const UNKNOWN = 'unknown';
/** When the process started; {@link UNKNOWN} where it lives and the system does not tell; undefined if there is none. */
function pidState(pid) {
    try {
        process.kill(pid, 0);
    }
    catch (error) {
        if (systemCode(error) === 'ESRCH')
            return undefined;
    }
    // Another namespace's /proc numbers processes differently, and would make the living look dead.
    if (read(() => readlinkSync('/proc/self')) !== String(process.pid))
        return UNKNOWN;
    const stat = processStat(String(pid));
    if (stat === undefined)
        return UNKNOWN;
    return stat.state === 'Z' || stat.state === 'X' ? undefined : stat.start;
}
/** Fields 3 and 22 of proc(5)'s `stat`; the second field may hold spaces and parentheses. */
function processStat(pid) {
    const text = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
    const state = fields?.[0];
    const start = fields?.[19];
    return state === undefined || start === undefined ? undefined : { state, start };
}
function read(from) {
    try {
        return from();
    }
    catch {
        return undefined;
    }
}
//# sourceMappingURL=process-id.js.map