import { namesTag } from './conditions.js';
import { etagOfEncoded } from './encoded-etag.js';
/** The codings of ours, by all names that they have (RFC 9110, section 8.4.1.3). */
const CODINGS = { gzip: 'gzip', 'x-gzip': 'gzip', br: 'br', zstd: 'zstd' };
const ALL = [...new Set(Object.values(CODINGS))];
/**
 * The encodings that a client takes at least as gladly as none (RFC 9110, section 12.5.3). None where it names none; and
 * none for a part of a file, which is one of the file itself.
 */
export function acceptedEncodings(headers) {
    const value = headers['accept-encoding'];
    if (value === undefined || headers.range !== undefined)
        return [];
    const weights = new Map();
    for (const item of String(value).split(',')) {
        const [name = '', ...parameters] = item.split(';').map(part => part.trim().toLowerCase());
        if (name === '')
            continue;
        const q = parameters.find(parameter => parameter.startsWith('q='));
        const weight = q === undefined ? 1 : Number(q.slice(2));
        weights.set(CODINGS[name] ?? name, weight >= 0 && weight <= 1 ? weight : 0);
    }
    const others = weights.get('*');
    const plain = weights.get('identity') ?? 0;
    return ALL.filter(encoding => {
        const weight = weights.get(encoding) ?? others ?? 0;
        return weight > 0 && weight >= plain;
    });
}
/**
 * The representation of a file that a request is for. A client that names the tag of one of them in a condition is asking
 * about that one.
 */
export function selectRepresentation(headers, accepted, stat) {
    const { compressed } = stat;
    if (compressed === undefined || !accepted.includes(compressed.encoding))
        return stat;
    const encoded = encodedRepresentation(stat, compressed);
    const asksForPlain = namesTag(headers, stat.etag) && !namesTag(headers, encoded.etag);
    return asksForPlain ? stat : encoded;
}
/** What an opened file gives. */
export function representationOf({ stat, encoding }) {
    const { compressed } = stat;
    return encoding === undefined || compressed === undefined ? stat : encodedRepresentation(stat, compressed);
}
/** The compressed form of a file. */
function encodedRepresentation(stat, { encoding, size, sha256 }) {
    return { encoding, size, etag: etagOfEncoded(stat.etag, encoding), sha256 };
}
//# sourceMappingURL=representation.js.map