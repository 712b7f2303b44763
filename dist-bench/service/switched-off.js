import { StorageError } from '../core/errors.js';
import { DiskSpool, openSpill } from '../failover/disk-spool.js';
import { LedgerJournal } from '../failover/ledger-journal.js';
import { openFailover } from '../failover/open.js';
import { primaryVersions } from '../failover/primary-versions.js';
import { sweepSpoolInBackground } from '../failover/spool-sweep.js';
import { legacyOf, reliefOf } from './failover-backend.js';
import { tellingOf } from './failover-status.js';
import { identityOf } from './identity.js';
import { rootProblems } from './local-backend.js';
/** A bucket that is switched off needs no asking. Milliseconds. */
const PROBE_MS = 3_600_000;
/**
 * A storage folder whose bucket is switched off, though the folder was not detached from it. The bucket may hold
 * older versions of what is written now, so everything goes on to be journaled for it; and what only the bucket
 * holds is `UNAVAILABLE`, as in an outage.
 */
export async function openSwitchedOff(root, local, target, logger, listener) {
    const message = `Object storage is switched off, but this storage folder is attached to ${target}: what only the bucket holds cannot be read, and uploads and deletes are kept for it. Switch object storage on again, or end the attachment with "holdfast detach".`;
    const off = new StorageError({ code: 'UNAVAILABLE', op: 'open', store: 's3', message, retryable: false });
    logger.warn({ code: 'SWITCHED_OFF' }, message);
    const journal = new LedgerJournal(root.ledger);
    const failover = await openFailover({
        primary: switchedOffPrimary(target, off),
        journal,
        bytes: new DiskSpool(root),
        clock: root.clock,
        openSpill: () => openSpill(root),
        legacy: legacyOf(root, local),
        relieve: reliefOf(root),
        ...identityOf(root),
        presignHere: (key, options) => local.presign(key, options),
        logger,
        probeIntervalMs: PROBE_MS,
        startsAway: off,
        listener,
        onChange: () => listener.changed(),
        onTick: () => listener.changed(),
    });
    sweepSpoolInBackground(root, journal);
    const told = tellingOf(failover);
    return {
        provider: 'local',
        store: failover.store,
        versions: primaryVersions(failover.context, switchedOffVersions(off)),
        root,
        spillFolder: root.tmpPath,
        probe: async () => { },
        problems: () => [...rootProblems(root), ...told.problems()],
        failover: () => told.status(),
        activity: () => told.activity(),
        importFiles: async () => {
            throw new StorageError({ code: 'UNSUPPORTED', op: 'import', store: 'local', message });
        },
        verifySignedUrl: (method, pathAndQuery) => local.verifySignedUrl(method, pathAndQuery),
        close: async () => {
            await failover.store.close();
            told.keep();
            await local.close();
            await root.close();
        },
    };
}
function switchedOffVersions(off) {
    const refuse = () => Promise.reject(off);
    return { versioning: refuse, list: refuse, get: refuse, head: refuse, tags: refuse, remove: refuse };
}
/** Stands for a bucket that nobody may ask. */
function switchedOffPrimary(target, off) {
    const refuse = () => Promise.reject(off);
    return {
        target,
        switchedOff: off,
        store: {
            kind: 's3',
            capabilities: {
                conditionalPut: true,
                conditionalMultipart: true,
                conditionalDelete: true,
                presign: true,
                tags: true,
                storageClasses: true,
                versions: true,
                lifecycle: true,
            },
            put: refuse,
            get: refuse,
            head: refuse,
            delete: refuse,
            list: refuse,
            presign: refuse,
            close: async () => { },
        },
        outcomeOf: () => 'failed',
        now: () => Date.now(),
        look: refuse,
    };
}
//# sourceMappingURL=switched-off.js.map