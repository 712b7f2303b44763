import { adviceFor } from '../failover/advice.js';
import { troubleOf } from '../failover/primary.js';
/** From this share of its limit on, the spool counts as full: uploads are of several sizes. */
const FULL_SHARE = 0.99;
/** @param disk how full the disk is, where that is watched */
export function tellingOf(failover, disk) {
    let kept;
    return {
        status: () => kept?.status ?? failoverStatus(failover, disk),
        problems: () => kept?.problems ?? failoverProblems(failover, disk),
        activity: () => failoverActivity(failover.context.chronicle.counts),
        keep: () => {
            kept ??= { status: failoverStatus(failover, disk), problems: failoverProblems(failover, disk) };
        },
    };
}
function failoverStatus({ context }, disk) {
    const { totals, chronicle, journal, cache } = context;
    const { reads, writes } = context.availability;
    const { pending, pendingBytes, oldestAt, settling, parked } = totals.totals;
    const { usedBytes, maxBytes, reserveBytes } = totals.space;
    const { freeBytes, ballast = true } = disk?.last ?? {};
    const { operations, bytes } = chronicle.rate;
    const { secondsLeft } = chronicle;
    return {
        away: reads.open || writes.open,
        fallback: writes.open || (reads.open && pending > 0),
        pending,
        pendingBytes,
        oldestPendingAt: oldestAt === undefined ? undefined : new Date(oldestAt),
        settling,
        parked,
        conflicts: journal.conflictCount(),
        ...(cache?.keeps === true && { cache: cache.usage }),
        report: {
            reads: breakerStatus(reads),
            writes: breakerStatus(writes),
            replication: {
                operationsPerSecond: operations,
                bytesPerSecond: bytes,
                ...(secondsLeft !== undefined && { secondsLeft }),
            },
            spool: {
                usedBytes,
                ...(Number.isFinite(maxBytes) && { maxBytes }),
                ...(freeBytes !== undefined && { freeBytes }),
                reserveBytes,
                ballast,
            },
        },
    };
}
function failoverActivity(counts) {
    const { opened, closed } = counts;
    return {
        fallbackUploads: counts.fallbackUploads,
        fallbackUploadBytes: counts.fallbackBytes,
        fallbackDeletes: counts.fallbackDeletes,
        replicatedOperations: counts.replicated,
        replicatedBytes: counts.replicatedBytes,
        replicationFailures: Object.fromEntries(counts.failures),
        breakers: {
            reads: { opened: opened.reads, closed: closed.reads },
            writes: { opened: opened.writes, closed: closed.writes },
        },
    };
}
function breakerStatus({ error, openSince, nextProbeAt }) {
    if (error === undefined)
        return { open: false };
    const { code, message } = error;
    return {
        open: true,
        since: new Date(openSince),
        code,
        message,
        ...(nextProbeAt !== undefined && { nextProbeAt: new Date(nextProbeAt) }),
    };
}
function failoverProblems({ context }, disk) {
    const { availability, totals, journal, primary } = context;
    const problems = [];
    const warn = (code, message) => void problems.push({ code, message, severity: 'warning' });
    const { writes } = availability;
    const error = writes.error ?? availability.reads.error;
    if (primary.switchedOff !== undefined)
        warn('SWITCHED_OFF', primary.switchedOff.message);
    else if (error !== undefined) {
        const advice = troubleOf(error) === 'away' ? undefined : adviceFor(error.code);
        const act = advice === undefined ? '' : ` Until somebody acts, this stays so: ${advice}`;
        const where = writes.open ? 'uploads go to the local disk' : 'reads of what only it holds fail';
        const why = error.message.replace(/\.$/, '');
        warn('PRIMARY_AWAY', `The object store is away (${error.code}); ${where}. ${why}.${act}`);
    }
    const full = writes.open ? fullness(totals.space, disk) : undefined;
    if (full !== undefined)
        problems.push({ code: 'SPOOL_FULL', message: full, severity: 'error' });
    const { parked, held, heldFor } = totals.totals;
    if (parked > 0) {
        warn('PARKED', `${counted(parked, 'upload or delete is', 'uploads or deletes are')} refused by the object store, or damaged here, and a person must look ("holdfast spool ls").`);
    }
    if (held > 0) {
        warn('OTHER_BUCKET', `${counted(held, 'upload or delete is', 'uploads or deletes are')} for another endpoint or bucket (${heldFor}), and not sent to this one: configure that one again to bring them there, or give them up with "holdfast detach --abandon".`);
    }
    const conflicts = journal.conflictCount();
    if (conflicts > 0) {
        warn('CONFLICTS', `${counted(conflicts, 'file was', 'files were')} changed by somebody else during an outage; both versions are kept ("holdfast spool conflicts").`);
    }
    return problems;
}
/** A number with its noun and verb, in the singular or plural. */
function counted(count, one, many) {
    return `${count} ${count === 1 ? one : many}`;
}
/** Why no upload can be taken while the object store is away; undefined while some can. */
function fullness({ usedBytes, maxBytes, reserveBytes }, disk) {
    const mend = 'uploads are refused until the object store is back, or there is more room';
    if (usedBytes >= maxBytes * FULL_SHARE) {
        return `Waiting uploads take ${usedBytes} bytes of the ${maxBytes} that HOLDFAST_SPOOL_MAX_BYTES allows; ${mend}.`;
    }
    const free = disk?.last.freeBytes;
    if (free === undefined || reserveBytes === 0 || free >= reserveBytes)
        return undefined;
    return `The disk has ${free} bytes free, and HOLDFAST_SPOOL_RESERVE_BYTES keeps ${reserveBytes}; ${mend}.`;
}
//# sourceMappingURL=failover-status.js.map