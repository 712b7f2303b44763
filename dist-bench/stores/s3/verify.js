import { createHash, hash } from 'node:crypto';
import { parsePartPlan, partBytes } from './parts.js';
/**
 * How a whole object's bytes can be checked: by the SHA-256 in its metadata, by an ETag that is their MD5, or by
 * a composite ETag whose parts are known. Undefined where there is nothing but the length.
 */
export function verifierFor(stored) {
    const { stat, encryption } = stored;
    if (stat.sha256 !== undefined)
        return new DigestVerifier('sha256', stat.sha256, 'SHA-256');
    // With a KMS or customer key, an ETag is no MD5 (S3 API, "Object", ETag).
    if (encryption !== undefined && encryption !== 'AES256')
        return undefined;
    if (/^[0-9a-f]{32}$/.test(stat.etag))
        return new DigestVerifier('md5', stat.etag, 'MD5 ETag');
    const plan = parsePartPlan(stored.parts);
    if (plan === undefined || !/^[0-9a-f]{32}-\d{1,5}$/.test(stat.etag))
        return undefined;
    return new CompositeVerifier(plan, stat.etag);
}
/** Checks bytes that are all in hand, without a copy. */
export function verifyBytes(stored, bytes) {
    const { sha256 } = stored.stat;
    if (sha256 !== undefined && hash('sha256', bytes, 'hex') === sha256)
        return undefined;
    const verifier = verifierFor(stored);
    verifier?.update(bytes);
    return verifier === undefined || verifier.matches() ? undefined : verifier;
}
class DigestVerifier {
    by;
    #hash;
    #expected;
    constructor(algorithm, expected, by) {
        this.#hash = createHash(algorithm);
        this.#expected = expected;
        this.by = by;
    }
    update(chunk) {
        this.#hash.update(chunk);
    }
    matches() {
        return this.#hash.digest('hex') === this.#expected;
    }
}
/** The MD5 of the parts' MD5s, and their number (S3 API, "Checking object integrity", ETag of multipart uploads). */
class CompositeVerifier {
    by = 'MD5 ETag';
    #plan;
    #expected;
    #digests = [];
    #part = createHash('md5');
    #left;
    constructor(plan, expected) {
        this.#plan = plan;
        this.#expected = expected;
        this.#left = partBytes(plan, 1);
    }
    update(chunk) {
        let rest = chunk;
        while (rest.length > 0) {
            if (this.#left === 0)
                this.#endPart();
            const piece = rest.length <= this.#left ? rest : rest.subarray(0, this.#left);
            this.#part.update(piece);
            this.#left -= piece.length;
            rest = rest.subarray(piece.length);
        }
    }
    matches() {
        this.#endPart();
        return `${hash('md5', Buffer.concat(this.#digests), 'hex')}-${this.#digests.length}` === this.#expected;
    }
    #endPart() {
        this.#digests.push(this.#part.digest());
        this.#part = createHash('md5');
        this.#left = partBytes(this.#plan, this.#digests.length + 1);
    }
}
//# sourceMappingURL=verify.js.map