import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import { systemCode } from '../../stores/local/files.js';
import { statAt } from '../../stores/local/locate.js';
import { takeOver } from '../../stores/local/recovery.js';
import { TOGETHER } from './check.js';
/** Files looked at at a time. */
const LOOKS = 16;
/** Looks at a row that must agree, and those at one whose file another process may be moving. */
const ROUNDS = 2;
const MOVING_ROUNDS = 8;
/** Looks at a row that changes all the time; who writes it finds what is wrong. */
const MAX_ROUNDS = 20;
const PAUSE_MS = 50;
/** Holds the rows of the objects against their files, and the list of rows with work against the rows. */
export async function checkRows(check) {
    const { root, reporter } = check;
    const limit = pLimit(LOOKS);
    let after;
    for (;;) {
        check.throwIfAborted();
        const page = root.ledger.page(after, TOGETHER);
        const looks = page.map(({ key, row, version }) => limit(async () => ((await judge(check, key, { row, version })).length === 0 ? undefined : key)));
        for (const key of await Promise.all(looks))
            if (key !== undefined)
                await confirm(check, key);
        for (const { row } of page)
            count(check, row.object);
        reporter.step(page.length);
        if (page.length < TOGETHER)
            break;
        after = page.at(-1)?.key;
    }
    await checkPending(check);
    if (check.options.repair)
        await root.placer.flush();
}
function count({ options, reporter }, object) {
    if (object === undefined)
        return;
    reporter.counts.objects++;
    reporter.counts.bytes += object.identity.size;
    if (!options.hash)
        return;
    if (object.sha256 === undefined)
        reporter.counts.unhashed++;
    else
        reporter.counts.hashed++;
}
/** Looks at a row again, from fresh snapshots: only what is the same more than once is a finding. */
async function confirm(check, key) {
    let seen;
    let same = 0;
    for (let round = 0; round < MAX_ROUNDS; round++) {
        const found = check.root.ledger.get(key);
        if (found === undefined)
            return;
        const problems = await judge(check, key, found);
        if (problems.length === 0)
            return;
        same = seen === found.version ? same + 1 : 1;
        seen = found.version;
        const by = found.row.work?.by;
        const isMoving = by !== undefined && !check.root.isDead(by);
        if (same >= (isMoving ? MOVING_ROUNDS : ROUNDS)) {
            for (const problem of problems)
                await check.report(problem);
            return;
        }
        await check.pause(PAUSE_MS * same);
    }
}
/** What is wrong with a row as it is now. */
async function judge(check, key, found) {
    const { root } = check;
    const { object, work } = found.row;
    const problems = [];
    const stamp = check.judgeStamp(key, object?.stamp);
    if (stamp !== undefined)
        problems.push(stamp);
    const bytes = object === undefined ? undefined : await judgeBytes(check, key, found, object);
    if (bytes !== undefined)
        problems.push(bytes);
    if (work === undefined)
        return problems;
    if (!root.ledger.isPending(key)) {
        problems.push({
            code: 'WORK_UNLISTED',
            key,
            message: 'Its row asks for work on its files, and is not on the list of those that do.',
            mend: async () => (await root.ledger.write({ key, expected: found.version, row: found.row })) !== undefined,
        });
    }
    if (root.isDead(work.by)) {
        problems.push({
            code: 'WORK_LEFT',
            key,
            message: `A process that ended (${work.by}) has left work on its files undone.`,
            mend: async () => {
                await takeOver(root, key);
                const now = root.ledger.get(key)?.row.work;
                return now === undefined || !root.isDead(now.by);
            },
        });
    }
    return problems;
}
async function judgeBytes(check, key, found, object) {
    const { root, options } = check;
    const { identity, sha256 } = object;
    const strangers = [];
    if (found.row.work?.inline === true) {
        const content = root.ledger.bytesOf(object.writeId);
        if (content.length === identity.size) {
            const isRight = !options.hash || createHash('sha256').update(content).digest('hex') === sha256;
            return isRight ? undefined : rotten(key, undefined);
        }
    }
    for (const path of root.placer.places(key, found)) {
        try {
            const look = await statAt(root, path, identity);
            if ('hit' in look) {
                if (!options.hash || sha256 === undefined)
                    return undefined;
                const hash = await check.hashOf(path, identity);
                // Changed while it was read: the next look finds what it is now.
                return hash === undefined || hash === sha256 ? undefined : rotten(key, path);
            }
            if (look.stranger !== undefined)
                strangers.push({ path, stat: look.stranger });
        }
        catch (error) {
            return unreadable(key, path, error);
        }
    }
    for (const { path, stat } of strangers) {
        if (stat.kind !== 'file' || sha256 === undefined || stat.size !== identity.size)
            continue;
        if ((await check.hashOf(path, stat)) === sha256)
            return moved(check, key, found, object, path, stat);
    }
    return missing(key, found, object, strangers[0]);
}
/** Another file with the very bytes, as a restored backup has them. */
function moved({ root }, key, { row, version }, object, path, { dev, ino, size, mtimeMs }) {
    return {
        code: 'OBJECT_MOVED',
        key,
        path,
        message: 'Its bytes are in another file than the one that was written, such as one of a restored backup.',
        mend: async () => {
            const work = row.work === undefined ? undefined : { ...row.work, inline: undefined };
            const now = { object: { ...object, identity: { dev, ino, size, mtimeMs } }, work };
            return (await root.ledger.write({ key, expected: version, row: now })) !== undefined;
        },
    };
}
function missing(key, { row }, { at, identity }, stranger) {
    if (stranger === undefined) {
        const what = row.work?.inline === true ? 'Its bytes are gone from the ledger.' : 'Its file is gone.';
        return { code: 'OBJECT_MISSING', key, message: what };
    }
    const { path, stat } = stranger;
    if (stat.kind !== 'file') {
        const message = 'Its file is gone, and what is in its place is no regular file.';
        return { code: 'OBJECT_MISSING', key, path, message };
    }
    const sizes = `it has ${stat.size} bytes, and ${identity.size} were written`;
    if (at === 'tree' && row.work === undefined) {
        const message = `Its file was changed by somebody else (${sizes}). The change becomes a new version when it is read, or by "holdfast import".`;
        return { code: 'OBJECT_EDITED', key, path, message };
    }
    return { code: 'OBJECT_DAMAGED', key, path, message: `Its file is not the one that was written: ${sizes}.` };
}
function rotten(key, path) {
    const message = 'Its bytes do not have the SHA-256 that they were written with.';
    return { code: 'OBJECT_ROTTEN', key, message, ...(path !== undefined && { path }) };
}
/** @throws the error, if it is not about this file */
function unreadable(key, path, error) {
    const code = systemCode(error) ?? '';
    if (!['EIO', 'EACCES', 'EPERM', 'EBADMSG', 'EUCLEAN'].includes(code))
        throw error;
    return { code: 'OBJECT_DAMAGED', key, path, message: `Its file cannot be read (${code}).` };
}
/** Looks for keys on the list of rows with work that have none. */
async function checkPending(check) {
    const { ledger } = check.root;
    let after;
    for (;;) {
        const keys = ledger.pendingPage(after, TOGETHER);
        for (const key of keys) {
            check.throwIfAborted();
            const first = idle(check, key);
            if (first === undefined)
                continue;
            await check.pause(PAUSE_MS);
            const again = idle(check, key);
            if (again === undefined || again.found?.version !== first.found?.version)
                continue;
            await check.report({
                code: 'PENDING_STALE',
                key,
                message: 'It is on the list of rows that ask for work on their files, and asks for none.',
                mend: async () => {
                    const { version, row } = again.found ?? {};
                    return (await ledger.write({ key, expected: version, row })) !== undefined;
                },
            });
        }
        if (keys.length < TOGETHER)
            return;
        after = keys.at(-1);
    }
}
/** A key that is on the list though its row has no work, or is not there. */
function idle({ root }, key) {
    const found = root.ledger.get(key);
    const isListed = root.ledger.isPending(key);
    if (!isListed || found?.row.work !== undefined)
        return undefined;
    // Both are of one moment only if the row is still the same.
    return root.ledger.get(key)?.version === found?.version ? { found } : undefined;
}
//# sourceMappingURL=rows.js.map