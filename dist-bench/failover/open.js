import { silentLogger } from '../core/logger.js';
import { Availability } from './availability.js';
import { bringBack } from './bring-back.js';
import { Chronicle } from './chronicle.js';
import { FailoverStore } from './failover-store.js';
import { Replicator } from './replicator.js';
import { Totals } from './totals.js';
/** SigV4 lets a request in for 15 minutes after its signing; a minute on top for clocks that differ. */
export const DEFAULT_SETTLE_WINDOW_MS = 16 * 60_000;
/** How long the primary must have been answering before a settlement is checked; the window, where that is shorter. */
const MAX_SETTLE_QUIET_MS = 60_000;
/** Puts the parts together. Nothing is asked of the primary before the first operation. */
export async function openFailover(options) {
    const { primary, journal, clock, processId, isDead, cache, logger = silentLogger } = options;
    const settleWindowMs = options.settleWindowMs ?? DEFAULT_SETTLE_WINDOW_MS;
    const totals = new Totals(primary.target, {
        maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
        reserveBytes: options.reserveBytes ?? 0,
        freeBytes: options.freeBytes ?? (async () => Number.POSITIVE_INFINITY),
        makeRoom: cache === undefined ? undefined : bytes => cache.makeRoom(bytes),
        onDrained: () => {
            chronicle.drained();
            options.onChange?.();
        },
    });
    const probeIntervalMs = options.probeIntervalMs ?? 2000;
    const chronicle = new Chronicle({ logger, totals, probeIntervalMs, listener: options.listener });
    const availability = new Availability({
        primary,
        host: clock.host,
        intervalMs: probeIntervalMs,
        chronicle,
        onChange: () => {
            if (!availability.writes.open)
                replicator.wakeAll();
            options.onChange?.();
        },
    });
    const context = {
        primary,
        journal,
        bytes: options.bytes,
        totals,
        availability,
        chronicle,
        clock,
        settings: {
            firstAnswerMs: options.firstAnswerMs ?? 10_000,
            settleWindowMs,
            settleQuietMs: options.settleQuietMs ?? Math.min(MAX_SETTLE_QUIET_MS, settleWindowMs),
            writeBehind: options.writeBehind ?? false,
        },
        legacy: options.legacy,
        cache,
        logger,
        openSpill: options.openSpill,
        attach: once(options.attach ?? (async () => { })),
        relieve: options.relieve,
        wake: key => replicator.wake(key),
    };
    let entering;
    let entered = false;
    let complained = false;
    const enter = () => {
        if (entered)
            return undefined;
        entering ??= Promise.resolve(context.attach())
            .then(() => journal.enter(processId))
            .then(() => {
            entered = true;
        }, error => {
            // A ledger that cannot be written stops no write to a primary that works.
            entering = undefined;
            if (!complained)
                logger.error({}, `This process could not be noted in the ledger: ${String(error)}`);
            complained = true;
        });
        return entering;
    };
    const store = new FailoverStore({
        context,
        enter,
        presignHere: options.presignHere,
        presignsAllHere: options.presignsAllHere,
        close: async () => {
            availability.close();
            await replicator.stop(STOP_GRACE_MS);
            const clean = store.writer.attempts.running === 0;
            await primary.store.close();
            await store.writer.attempts.followed();
            await cache?.close();
            // What was still on its way is waited for by whoever opens the folder next.
            if (entered && clean)
                await journal.leave(processId).catch(error => logger.error({}, String(error)));
        },
    });
    const replicator = new Replicator(context, store.writer.attempts, {
        processId,
        isDead,
        enter,
        host: clock.host,
        concurrency: options.concurrency ?? 32,
        tickMs: options.tickMs ?? 2000,
        beatMs: options.beatMs ?? 2000,
        staleMs: options.staleMs ?? 15_000,
        backoffMs: options.backoffMs ?? 500,
        onTick: options.onTick,
    });
    if (options.startsAway !== undefined) {
        availability.writes.trip(options.startsAway);
        availability.reads.trip(options.startsAway);
    }
    await replicator.ownership.findDead();
    await bringBack(context);
    await totals.count(journal);
    chronicle.found();
    if (options.background !== false)
        replicator.start();
    return { store, context, replicator };
}
const STOP_GRACE_MS = 2000;
/** @returns what runs `work`, shared by those who ask meanwhile, until it has succeeded once; undefined from then on */
function once(work) {
    let running;
    let done = false;
    return () => {
        if (done)
            return undefined;
        running ??= work()
            .then(() => {
            done = true;
        })
            .finally(() => {
            running = undefined;
        });
        return running;
    };
}
//# sourceMappingURL=open.js.map