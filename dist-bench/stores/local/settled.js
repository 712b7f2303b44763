/** Of a row whose object is removed. */
export const GONE = {
    at: undefined,
    path: undefined,
    identity: undefined,
    anchored: false,
    leftover: undefined,
};
/** A row without work, as its files are now. */
export function toldRow(key, { version, row, at, identity }) {
    const { object, work } = row;
    const forget = work?.garbage.filter(({ inline }) => inline === true).map(({ writeId }) => writeId) ?? [];
    if (work?.inline === true && object !== undefined)
        forget.push(object.writeId);
    return {
        key,
        expected: version,
        row: object === undefined
            ? undefined
            : { object: { ...object, at: at ?? object.at, identity: identity ?? object.identity } },
        forget,
    };
}
/** The files that are left over when a row is replaced, the oldest first. */
export function garbageOf(previous) {
    if (previous === undefined)
        return [];
    const { object, work } = previous.row;
    const garbage = [...(work?.garbage ?? [])];
    if (object !== undefined) {
        const { writeId, identity } = object;
        if (work === undefined)
            garbage.push({ writeId, identity, at: object.at });
        else
            garbage.push({ writeId, identity, at: 'any', staged: work.staged, inline: work.inline });
    }
    return garbage;
}
//# sourceMappingURL=settled.js.map