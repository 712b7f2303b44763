/** Stands for the write ids of attempts that differ, or that nobody knows. */
export const SEVERAL = '*';
/** What the names of content begin with that lies in the journal itself; no file's name has a colon. */
export const HELD = 'journal:';
/** What held bytes for the rows of a commit, and holds them for none of them after it. */
export function droppedFiles(seen, next, also = []) {
    const before = [seen, ...also.map(change => change.seen)].map(fileOf);
    const after = [next, ...also.map(change => change.next)].map(fileOf);
    return before.filter(file => file !== undefined && !after.includes(file));
}
function fileOf(row) {
    return row?.state?.kind === 'put' ? row.state.file : undefined;
}
/** The row without what names its version. */
export function contentOf(row) {
    const { key, revision, ...content } = row;
    return content;
}
/** Every row of the journal, each page of them as of its own moment. */
export function* rowsOf(journal, limit = 256) {
    let after;
    for (;;) {
        const rows = journal.scan({ after, limit });
        yield* rows;
        after = rows.at(-1)?.key;
        if (rows.length < limit)
            return;
    }
}
/** What both lists of attempts say together. */
export function mergeUnknown(a, b) {
    if (a === undefined || b === undefined)
        return a ?? b;
    const put = a.put === undefined || b.put === undefined || a.put === b.put ? (a.put ?? b.put) : SEVERAL;
    return { signedAt: Math.max(a.signedAt, b.signedAt), put, deletes: a.deletes || b.deletes };
}
/** Attempts of which nothing but their latest signing time is known. */
export function anyAttempts(signedAt) {
    return { signedAt, put: SEVERAL, deletes: true };
}
/** Whether one of the attempts, if it comes late, would undo the state: a late copy of the state itself does not. */
export function endangers(unknown, state) {
    if (unknown === undefined)
        return false;
    if (state.kind === 'delete')
        return unknown.put !== undefined;
    // A late copy of the state would have its first tags.
    return (unknown.deletes ||
        (unknown.put !== undefined && (unknown.put !== state.writeId || state.retagged === true)));
}
/** The acknowledged object as readers see it. Its ETag is the write id, which stays when the primary holds it. */
export function statOfState(key, state, path) {
    return {
        ...state.attributes,
        key,
        size: state.size,
        etag: state.writeId,
        lastModified: new Date(state.at),
        sha256: state.sha256,
        writeId: state.writeId,
        stamp: state.stamp,
        pending: true,
        ...(path !== undefined && { path }),
    };
}
//# sourceMappingURL=journal.js.map