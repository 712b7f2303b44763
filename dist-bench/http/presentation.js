import contentDisposition from 'content-disposition';
import { formatDisposition } from '../core/content-disposition.js';
/**
 * What a browser may show by itself: the media types that {@link proveContentType} finds in a file's first bytes,
 * each with the declared types that say the same. Nothing here can hold a script that a browser runs, and what can
 * (HTML, SVG, XML, text) proves nothing by its first bytes, so that it never gets here whatever it calls itself.
 */
const SHOWN = {
    'image/png': ['image/png'],
    'image/apng': ['image/apng', 'image/png'],
    'image/jpeg': ['image/jpeg', 'image/jpg', 'image/pjpeg'],
    'image/gif': ['image/gif'],
    'image/webp': ['image/webp'],
    'image/avif': ['image/avif'],
    'image/bmp': ['image/bmp', 'image/x-ms-bmp'],
    'image/x-icon': ['image/x-icon', 'image/vnd.microsoft.icon'],
    'audio/mpeg': ['audio/mpeg', 'audio/mp3'],
    'audio/mp4': ['audio/mp4', 'audio/x-m4a', 'audio/m4a'],
    'audio/x-m4a': ['audio/mp4', 'audio/x-m4a', 'audio/m4a'],
    'audio/aac': ['audio/aac', 'audio/x-aac'],
    'audio/flac': ['audio/flac', 'audio/x-flac'],
    'audio/wav': ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave'],
    'audio/ogg': ['audio/ogg', 'application/ogg'],
    'audio/ogg; codecs=opus': ['audio/ogg', 'audio/opus', 'application/ogg'],
    'video/mp4': ['video/mp4', 'audio/mp4'],
    'video/x-m4v': ['video/x-m4v', 'video/mp4'],
    'video/webm': ['video/webm', 'audio/webm'],
    'video/ogg': ['video/ogg', 'application/ogg'],
    'video/quicktime': ['video/quicktime'],
    'application/pdf': ['application/pdf'],
};
const DECLARED = new Set(Object.values(SHOWN).flat());
/**
 * Types that a page may load and run, or apply, as a part of itself whatever the disposition says: JavaScript (the
 * WHATWG MIME Sniffing Standard, "JavaScript MIME type") and CSS. Answered as text, an upload can be neither, so it
 * is no way around the Content-Security-Policy of a page on the same origin.
 */
const PAGE_CODE = /^(?:(?:text|application)\/(?:x-)?(?:java|ecma)script|text\/(?:javascript1\.[0-5]|jscript|livescript)|text\/css)$/;
/** Documents, code and parts of them, by the names that such types have. */
const ACTIVE = /^(?:text|multipart|message)\/|xml|html|script/;
/** A media type in well-formed lower case (RFC 9110, section 8.3.1). */
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;
/** No scripts, forms, plugins or other origins, in an origin of its own; but what shows a lone image. */
const SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'";
/** A browser loads a lone audio or video a second time to play it, and out of an origin of its own that is refused. */
const MEDIA_POLICY = "sandbox allow-same-origin; default-src 'none'; media-src 'self'; style-src 'unsafe-inline'";
/** Some browsers' PDF viewers do not open in a sandbox; all run a document's scripts outside the page's origin. */
const PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'";
/** Whether the file's bytes could make it `inline`, so that it is worth looking at them. */
export function mayBeInline(stat, signed) {
    return wantsInline(stat, signed) && DECLARED.has(essence(signed?.contentType ?? stat.contentType));
}
/**
 * Chooses the headers that tell a browser what to do with a file.
 *
 * @param proven what the file's first bytes prove; undefined for nothing, or if {@link mayBeInline} said no
 * @param signed what the signed URL asks for, if there is one
 */
export function present(stat, proven, signed) {
    const declared = signed?.contentType ?? stat.contentType;
    const type = essence(declared);
    const inline = proven !== undefined && wantsInline(stat, signed) && SHOWN[proven]?.includes(type) === true;
    return {
        contentType: PAGE_CODE.test(type) ? 'text/plain; charset=utf-8' : declared,
        contentDisposition: dispositionOf(stat, signed, inline ? 'inline' : 'attachment'),
        contentSecurityPolicy: inline ? inlinePolicy(proven) : SANDBOX,
        inert: inline || (MEDIA_TYPE.test(type) && !ACTIVE.test(type)),
    };
}
function inlinePolicy(proven) {
    if (proven === 'application/pdf')
        return PDF_POLICY;
    return /^(?:audio|video)\//.test(proven) ? MEDIA_POLICY : SANDBOX;
}
/** The media type without parameters (RFC 9110, section 8.3.1). */
function essence(contentType) {
    const end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
function wantsInline(stat, signed) {
    const wanted = signed?.contentDisposition ?? stat.contentDisposition;
    return wanted === undefined || /^inline\b/i.test(wanted);
}
/**
 * The disposition (RFC 6266): as the signed URL or the file has it where that says this type and a name, else this type
 * with the name to save under: the disposition's, the file's own, or the last of its key.
 */
function dispositionOf(stat, signed, type) {
    const given = signed?.contentDisposition ?? stat.contentDisposition;
    const parsed = parseDisposition(given);
    if (given !== undefined && ASCII.test(given) && parsed?.name !== undefined && parsed.type === type) {
        return given;
    }
    const named = parsed?.name ?? stat.fileName ?? parseDisposition(stat.contentDisposition)?.name;
    // A name of nothing but slashes has no last part.
    const name = named !== undefined && /[^/\\]/.test(named) ? named : stat.key.slice(stat.key.lastIndexOf('/') + 1);
    return formatDisposition(type, name);
}
const ASCII = /^[\x20-\x7e]*$/;
function parseDisposition(value) {
    if (value === undefined)
        return undefined;
    try {
        const { type, parameters } = contentDisposition.parse(value);
        return { type, name: parameters['filename'] };
    }
    catch {
        return undefined;
    }
}
//# sourceMappingURL=presentation.js.map