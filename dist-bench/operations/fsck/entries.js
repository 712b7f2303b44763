import { createHash } from 'node:crypto';
import { isKey } from '../../core/key.js';
import { keyOfRow } from '../../failover/aside.js';
import { attachedTo } from '../../failover/attachment.js';
import { HELD } from '../../failover/journal.js';
import { systemCode } from '../../stores/local/files.js';
import { TOGETHER } from './check.js';
const PAUSE_MS = 50;
const MAX_ROUNDS = 20;
const ENTRY_CODES = ['SPOOL_MISSING', 'SPOOL_SHORT', 'SPOOL_ROTTEN'];
const CONFLICT_CODES = ['CONFLICT_MISSING', 'CONFLICT_MISSING', 'CONFLICT_ROTTEN'];
/** Holds the entries of the journal, and the conflicts, against the files with their bytes. */
export async function checkEntries(check) {
    const { journal, reporter } = check;
    const attached = attachedTo(check.root);
    let parked = 0;
    let held = 0;
    let after;
    for (;;) {
        const rows = journal.scan({ after, limit: TOGETHER });
        for (const row of rows) {
            check.throwIfAborted();
            if ((await judge(check, row)).length > 0)
                await confirm(check, row);
            reporter.counts.entries++;
            if (row.state?.kind === 'put') {
                reporter.counts.entryBytes += row.state.size;
                if (check.options.hash)
                    reporter.counts.hashed++;
            }
            if (row.parked !== undefined)
                parked++;
            if (attached !== undefined && row.target !== attached)
                held++;
        }
        reporter.step(rows.length);
        if (rows.length < TOGETHER)
            break;
        after = rows.at(-1)?.key;
    }
    if (parked > 0) {
        const message = `${parked} entries of the journal are refused by the object store, or damaged, and wait for a person: "holdfast spool ls" tells why.`;
        await check.report({ code: 'JOURNAL_PARKED', message });
    }
    if (held > 0) {
        const message = `${held} entries of the journal are for another endpoint or bucket than ${attached}, and wait until that is configured.`;
        await check.report({ code: 'JOURNAL_HELD', message });
    }
    await checkConflicts(check);
}
/** Looks at an entry again: only what is wrong with the same row twice is a finding. */
async function confirm(check, row) {
    let seen = row;
    for (let round = 0; round < MAX_ROUNDS; round++) {
        await check.pause(PAUSE_MS);
        const now = check.journal.get(row.key);
        if (now === undefined)
            return;
        const problems = await judge(check, now);
        if (problems.length === 0)
            return;
        if (now.revision === seen?.revision) {
            for (const problem of problems)
                await check.report(problem);
            return;
        }
        seen = now;
    }
}
async function judge(check, row) {
    const { state, unknown, agreedAt } = row;
    const key = keyOfRow(row);
    const invalid = shapeProblem(row);
    if (invalid !== undefined) {
        return [{ code: 'JOURNAL_INVALID', key, message: `Its entry in the journal makes no sense: ${invalid}.` }];
    }
    if (state === undefined && unknown === undefined)
        return [emptyEntry(check, row)];
    const problems = [];
    const stamp = check.judgeStamp(key, state?.stamp);
    if (stamp !== undefined)
        problems.push(stamp);
    if (agreedAt !== undefined && unknown === undefined) {
        const message = 'The object store was seen to hold it, and no late request is waited for: it goes when the object store is next asked.';
        problems.push({ code: 'JOURNAL_AGREED', key, message });
    }
    if (state?.kind === 'put') {
        const problem = await judgeBytes(check, key, state, ENTRY_CODES);
        if (problem !== undefined)
            problems.push(agreedAt === undefined ? problem : lessGrave(problem));
    }
    return problems;
}
function lessGrave(problem) {
    const message = `${problem.message} The object store was seen to hold it; the bytes are kept for the case that a late request undoes that.`;
    return { ...problem, severity: 'difference', message };
}
function emptyEntry({ journal }, row) {
    const message = 'Its entry in the journal holds neither a state nor a doubt.';
    const mend = () => journal.commit(row.key, row, undefined);
    return { code: 'JOURNAL_EMPTY', key: keyOfRow(row), message, mend };
}
/** What is wrong with a row's shape; a ledger holds whatever was written to it. */
function shapeProblem(row) {
    const { target, state, agreedAt } = row;
    if (!isKey(keyOfRow(row)))
        return 'its key is none';
    if (typeof target !== 'string')
        return 'it is for no bucket';
    if (state === undefined)
        return agreedAt === undefined ? undefined : 'it is agreed upon, and holds nothing';
    if (typeof state.writeId !== 'string' || typeof state.stamp?.sequence !== 'number') {
        return 'its write has no id or stamp';
    }
    if (state.kind === 'delete')
        return undefined;
    if (state.kind !== 'put')
        return 'it is neither a put nor a delete';
    const isWhole = typeof state.file === 'string' && typeof state.sha256 === 'string';
    return isWhole && Number.isSafeInteger(state.size) ? undefined : 'it does not say where its bytes are';
}
/** Holds the bytes of an entry or a conflict against what was acknowledged. */
async function judgeBytes(check, key, expected, codes) {
    const { root, bytes, options } = check;
    const [missing, short, rotten] = codes;
    if (expected.file.startsWith(HELD))
        return judgeHeld(check, key, expected, codes);
    const path = bytes.filePath(expected.file);
    try {
        const stat = await root.files.lstat(path);
        if (stat.kind !== 'file') {
            return { code: missing, key, path, message: 'What has the name of its file is no regular file.' };
        }
        if (stat.size !== expected.size) {
            const message = `The file with its bytes has ${stat.size}, and ${expected.size} were acknowledged.`;
            return { code: short, key, path, message };
        }
        if (!options.hash || expected.sha256 === undefined)
            return undefined;
        const hash = await check.hashOf(path, root.identityOf(stat));
        if (hash === expected.sha256)
            return undefined;
        return { code: rotten, key, path, message: 'The file with its bytes has others than were acknowledged.' };
    }
    catch (error) {
        const code = systemCode(error);
        if (code === 'ENOENT' || code === 'ENOTDIR') {
            return { code: missing, key, path, message: 'The file with its acknowledged bytes is gone.' };
        }
        if (code !== 'EIO' && code !== 'EACCES' && code !== 'EPERM')
            throw error;
        return { code: rotten, key, path, message: `The file with its bytes cannot be read (${code}).` };
    }
}
/** Of bytes that lie in the ledger. */
function judgeHeld({ root, options }, key, { file, size, sha256 }, [missing, short, rotten]) {
    const content = root.ledger.bytesOf(file);
    if (content.length === 0 && size > 0) {
        return { code: missing, key, message: 'Its acknowledged bytes are gone from the ledger.' };
    }
    if (content.length !== size) {
        const message = `The ledger has ${content.length} of its bytes, and ${size} were acknowledged.`;
        return { code: short, key, message };
    }
    if (!options.hash || sha256 === undefined)
        return undefined;
    if (createHash('sha256').update(content).digest('hex') === sha256)
        return undefined;
    return { code: rotten, key, message: 'The ledger has other bytes of it than were acknowledged.' };
}
async function checkConflicts(check) {
    const { journal } = check;
    let count = 0;
    for (let after;;) {
        const page = journal.conflictPage(after, TOGETHER);
        for (const conflict of page)
            await checkConflict(check, conflict);
        count += page.length;
        after = page.at(-1)?.id;
        if (page.length < TOGETHER)
            break;
    }
    if (count > 0) {
        const message = `${count} files were changed by somebody else during an outage, and both versions are kept: "holdfast spool conflicts" lists them.`;
        await check.report({ code: 'CONFLICT', message });
    }
}
async function checkConflict(check, conflict) {
    const { id, key } = conflict;
    check.throwIfAborted();
    if ((await judgeBytes(check, key, conflict, CONFLICT_CODES)) === undefined)
        return;
    await check.pause(PAUSE_MS);
    const now = check.journal.conflict(id);
    const problem = now === undefined ? undefined : await judgeBytes(check, key, now, CONFLICT_CODES);
    if (problem !== undefined)
        await check.report({ ...problem, message: `Of conflict ${id}: ${problem.message}` });
}
//# sourceMappingURL=entries.js.map