/** S3's limits (S3 API, "Multipart upload limits"). */
export const MAX_PARTS = 10_000;
export const MIN_PART_BYTES = 5 * 1024 * 1024;
export const MAX_PART_BYTES = 5 * 1024 * 1024 * 1024;
export const MAX_OBJECT_BYTES = 5 * 1024 ** 4;
const DOUBLES_EVERY = 900;
const MIB = 1024 * 1024;
/** The plan for content of `size` bytes, or of unknown length, in parts of `partSize` bytes where that is enough. */
export function planParts(size, partSize) {
    if (size === undefined)
        return { first: partSize, grows: true };
    const least = Math.ceil(Math.ceil(size / MAX_PARTS) / MIB) * MIB;
    return { first: Math.max(partSize, least), grows: false };
}
/** Bytes of part `number`, counted from 1. */
export function partBytes(plan, number) {
    if (!plan.grows)
        return plan.first;
    return Math.min(MAX_PART_BYTES, plan.first * 2 ** Math.floor((number - 1) / DOUBLES_EVERY));
}
/** The plan as it stands in an object's metadata: bytes of the first part, and `+` if parts grow. */
export function formatPartPlan(plan) {
    return `${plan.first}${plan.grows ? '+' : ''}`;
}
/** Reads what {@link formatPartPlan} wrote; undefined for anything else. */
export function parsePartPlan(text) {
    const match = /^([1-9]\d{0,10})(\+?)$/.exec(text ?? '');
    return match === null ? undefined : { first: Number(match[1]), grows: match[2] === '+' };
}
//# sourceMappingURL=parts.js.map