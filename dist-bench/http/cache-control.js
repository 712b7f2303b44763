/** Cached by nobody but the client, and asked for again each time: who may read it can change. */
const DEFAULT_CACHE_CONTROL = 'private, no-cache';
/** A directive; a comma within quotes ends none (RFC 9110, section 5.6.4). */
const DIRECTIVE = /(?:[^",]|"(?:[^"\\]|\\.)*")+/g;
/** What let a cache give out what is older than its age allows (RFC 5861). */
const STALE = new Set(['stale-while-revalidate', 'stale-if-error']);
/**
 * What caches may do with a file (RFC 9111, section 5.2.2): what was said with its upload, but for no longer than the
 * file lasts.
 *
 * @param now milliseconds since the epoch
 */
export function cacheControlOf({ cacheControl, expiresAt }, now) {
    if (cacheControl === undefined)
        return DEFAULT_CACHE_CONTROL;
    if (expiresAt === undefined)
        return cacheControl;
    const secondsLeft = Math.max(0, Math.floor((expiresAt.getTime() - now) / 1000));
    const names = new Set();
    const directives = [];
    for (const [text] of cacheControl.matchAll(DIRECTIVE)) {
        const [name = '', value = ''] = text.trim().toLowerCase().split('=', 2);
        if (name === '' || STALE.has(name))
            continue;
        names.add(name);
        const isAge = name === 'max-age' || name === 's-maxage';
        const age = Number(value.replaceAll('"', ''));
        directives.push(isAge ? `${name}=${age < secondsLeft ? age : secondsLeft}` : text.trim());
    }
    if (names.has('no-store') || names.has('no-cache'))
        return directives.join(', ');
    // Without an age of its own a cache would guess one.
    if (!names.has('max-age'))
        directives.push(`max-age=${secondsLeft}`);
    if (!names.has('must-revalidate'))
        directives.push('must-revalidate');
    return directives.join(', ');
}
//# sourceMappingURL=cache-control.js.map