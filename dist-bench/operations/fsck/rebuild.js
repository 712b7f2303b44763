import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError, throwIfAborted } from '../../core/errors.js';
import { removeCopies } from '../../failover/disk-cache.js';
import { Adopter, adoption } from '../../stores/local/adopt.js';
import { setAdopted } from '../../stores/local/adoption-scan.js';
import { diskFiles, systemCode } from '../../stores/local/files.js';
import { endProcessId, isKnownDead, newProcessId, ownPidSpace, pidOf } from '../../stores/local/process-id.js';
import { livingProcesses } from '../../stores/local/processes.js';
import { openRoot } from '../../stores/local/root.js';
import { markNew } from '../../stores/local/root-files.js';
import { walk } from '../../stores/local/walk.js';
import { Check } from './check.js';
import { keep, syncKept } from './spool-files.js';
/** Files committed together. */
const BATCH = 256;
/**
 * Makes a new ledger from the files in the folder, as objects of the keys that are their paths. What cannot be
 * attributed to a key (spooled uploads, and files not yet or never in their place) is moved to
 * `.holdfast/lost+found`; a ledger that could not be read is kept beside the new one. Cut off before its end, it
 * leaves a folder that the next rebuild, or once the new ledger is there the next start, completes.
 *
 * @throws StorageError `UNAVAILABLE` while another process has the folder open
 */
export async function rebuildLedger(place, ledger, options, reporter) {
    await alone(place, async (processId) => {
        await keepUnattributed(place, processId, reporter);
        await removeCopies(place.ownPath);
        await setAside(place, ledger);
        await markNew(place.ownPath);
    });
    const { ledgerPath } = options.config;
    const root = await openRoot({ path: place.path, ledgerPath, create: false });
    try {
        await adoptAll(root, options, reporter);
    }
    finally {
        await root.close();
    }
}
/** Does something while no other process has the folder open, and none can. */
async function alone(place, run) {
    const pids = ownPidSpace();
    const processId = newProcessId(pids);
    const own = join(place.ownPath, 'tmp', processId);
    await mkdir(own, { recursive: true });
    try {
        // Looked at after our own folder is there to be seen: of two who rebuild, both give up or one.
        const living = await livingProcesses(diskFiles, place.ownPath, id => isKnownDead(id, pids));
        const other = living.find(id => id !== processId);
        if (other !== undefined) {
            const message = `Process ${pidOf(other)} has the storage folder ${place.path} open; stop it before the ledger is rebuilt.`;
            throw new StorageError({ code: 'UNAVAILABLE', op: 'fsck', store: 'local', message });
        }
        await run(processId);
    }
    finally {
        await rmdir(own).catch(() => { });
        endProcessId(processId);
    }
}
/** Moves aside what only the lost ledger could have told the key of. */
async function keepUnattributed(place, processId, reporter) {
    const root = { ownPath: place.ownPath, files: diskFiles };
    for (const name of ['objects', 'tmp']) {
        const folder = join(place.ownPath, name);
        for (const inner of await entriesOf(folder)) {
            const innerName = inner.name.toString();
            if (inner.kind !== 'folder' || innerName === processId)
                continue;
            for (const { name: file, kind } of await entriesOf(join(folder, innerName))) {
                const fileName = file.toString();
                // The ballast is a draft of random bytes.
                if (kind !== 'file' || fileName === 'ballast')
                    continue;
                const from = join(folder, innerName, fileName);
                const to = await keep(root, from, name === 'tmp' ? fileName : `${innerName}-${fileName}`);
                if (to === undefined)
                    continue;
                const message = `Its key is not known without the ledger; it was ${from}.`;
                await reporter.found({ code: 'FILE_UNATTRIBUTED', path: to, message });
            }
        }
    }
    await syncKept(root);
}
/** Keeps a ledger that cannot be read, or is nobody's, under another name in its folder. */
async function setAside({ ledgerPath }, ledger) {
    // An empty one, such as who was refused leaves, will do.
    const isEmpty = ledger.state === 'missing' || (ledger.state === 'sound' && ledger.read.counted.count === 0);
    if (!isEmpty) {
        await rename(join(ledgerPath, 'data.mdb'), join(ledgerPath, `damaged-${Date.now()}.mdb`));
    }
    await rm(join(ledgerPath, 'lock.mdb'), { force: true });
}
/** Takes every file in the folder for an object. */
async function adoptAll(root, options, reporter) {
    const { signal } = options;
    reporter.begin('rebuild');
    const check = new Check(root, reporter, { hash: true, repair: true, signal, graceMs: 0 });
    const adopter = new Adopter(root);
    let batch = [];
    const commit = async () => {
        await adopter.commit(batch);
        reporter.step(batch.length);
        batch = [];
    };
    for await (const found of walk(root, '')) {
        throwIfAborted(signal, 'fsck');
        if ('reason' in found)
            continue;
        const sha256 = await check.hashOf(join(root.path, found.key), found.stat);
        // A file that is being written to is told with the others that are no objects.
        if (sha256 === undefined)
            continue;
        batch.push(adoption(found.key, found.stat, sha256));
        if (batch.length >= BATCH)
            await commit();
    }
    await commit();
    await root.ledger.foldUsage();
    await setAdopted(root.ledger);
}
async function entriesOf(folder) {
    try {
        return await diskFiles.readFolder(folder);
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return [];
        throw error;
    }
}
//# sourceMappingURL=rebuild.js.map