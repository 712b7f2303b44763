import { StorageError } from '../core/errors.js';
import { sendText } from './answer.js';
import { mayBeInline, present } from './presentation.js';
/** How long a URL of the bucket is good for, in seconds: to begin a transfer with, not to keep. */
const REDIRECT_SECONDS = 60;
/** Requests of pictures, players, links and downloads, as browsers name them; of other clients, that name nothing. */
const MODES = new Set(['no-cors', 'navigate']);
const DESTINATIONS = new Set(['image', 'audio', 'video', 'document', 'empty']);
/** What asks for a version in our own ETags, which the bucket does not know. */
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'];
/**
 * Sends the bearer of a signed URL on to the bucket (307, RFC 9110, section 15.4.8), where that has just said that it
 * holds the file, and would answer as we do. It is asked for each request: so while it is away the file is served from here,
 * what is missing is our own 404, and the headers that its URL asks for are those of the very file.
 *
 * @returns false if nothing was answered, and the file is to be served from here
 */
export async function redirectToBucket(context, request, response, key, signed) {
    if (context.storage.locateFile === undefined || !mayFollow(request))
        return false;
    const url = await bucketUrl(context, key, signed);
    if (url === undefined)
        return false;
    sendText(request, response, 307, '', {
        location: url,
        'cross-origin-resource-policy': context.settings.crossOriginResourcePolicy,
    });
    return true;
}
async function bucketUrl({ storage, verdicts }, key, signed) {
    const file = await storage.locateFile?.(key);
    if (file === undefined || !isReadable(file.stat))
        return undefined;
    let proven;
    if (mayBeInline(file.stat, signed)) {
        try {
            proven = await verdicts.ofFile(file.stat);
        }
        catch (error) {
            // Whatever it is, serving the file meets it again, and may have a copy.
            if (StorageError.is(error))
                return undefined;
            throw error;
        }
    }
    const { contentType, contentDisposition, inert } = present(file.stat, proven, signed);
    const left = Math.floor((signed.expiresAt.getTime() - Date.now()) / 1000);
    if (!inert || left < 1)
        return undefined;
    return file.url({ expiresInSeconds: Math.min(left, REDIRECT_SECONDS), contentType, contentDisposition });
}
/** What is archived would only be refused, in the bucket's words. */
function isReadable({ archive }) {
    return archive === undefined || archive.state === 'thawed';
}
/**
 * Whether whoever asks can do with an answer of another origin. Browsers say what it is for (Fetch Metadata Request
 * Headers, sections 2.1 and 2.2). A script could not read it unless the bucket has CORS rules for its page, which an
 * outage would then do without; and what is loaded as a part of a page is held to its type by our `nosniff` alone.
 * Some clients would pass on credentials that are meant for here.
 */
function mayFollow({ method, headers }) {
    if (method !== 'GET' || headers.origin !== undefined || headers.authorization !== undefined)
        return false;
    const { 'sec-fetch-mode': mode = 'no-cors', 'sec-fetch-dest': destination = 'empty' } = headers;
    if (!MODES.has(mode) || !DESTINATIONS.has(String(destination)))
        return false;
    return CONDITIONS.every(name => headers[name] === undefined);
}
//# sourceMappingURL=redirect.js.map