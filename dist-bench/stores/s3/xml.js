/** A document that is not the well-formed, plain XML that S3 answers with. */
export class XmlError extends Error {
    name = 'XmlError';
}
/** Deeper than any S3 answer. */
const MAX_DEPTH = 16;
/**
 * Reads an S3 answer. Takes elements, text, CDATA, comments and the XML declaration; refuses document types,
 * so that no entity but the five predefined and the numeric ones can be there, and nothing can expand.
 * Attributes are passed over. Time and memory are bounded by the text's length.
 *
 * @throws XmlError
 */
export function readXml(text, sink) {
    const path = [];
    let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    let content = at;
    let parts = '';
    let ended = false;
    for (;;) {
        const start = text.indexOf('<', at);
        if (start === -1) {
            if (path.length > 0 || !ended || text.slice(at).trim() !== '')
                throw new XmlError('The document is cut off.');
            return;
        }
        const next = text.charCodeAt(start + 1);
        if (next === SLASH) {
            const end = tagEnd(text, start);
            const name = path.pop();
            if (name === undefined || !sameName(text, start + 2, end, name))
                throw new XmlError('An end tag fits no start tag.');
            const own = parts === '' ? decodeText(text, content, start) : parts + decodeText(text, content, start);
            sink.close(localName(name), own, path.length);
            ended = path.length === 0;
            parts = '';
            at = content = end + 1;
        }
        else if (next === BANG) {
            if (text.startsWith('<!--', start)) {
                if (path.length > 0)
                    parts += decodeText(text, content, start);
                at = content = after(text, '-->', start + 4);
            }
            else if (text.startsWith('<![CDATA[', start) && path.length > 0) {
                const end = after(text, ']]>', start + 9);
                parts += decodeText(text, content, start) + text.slice(start + 9, end - 3);
                at = content = end;
            }
            else
                throw new XmlError('The document has a document type.');
        }
        else if (next === QUESTION) {
            at = content = after(text, '?>', start + 2);
        }
        else {
            if (ended || (path.length === 0 && text.slice(content, start).trim() !== '')) {
                throw new XmlError('There is something beside the root element.');
            }
            const end = tagEnd(text, start);
            const empty = text.charCodeAt(end - 1) === SLASH;
            const name = tagName(text, start + 1, empty ? end - 1 : end);
            if (path.length === MAX_DEPTH)
                throw new XmlError(`The document is nested deeper than ${MAX_DEPTH}.`);
            sink.open?.(localName(name), path.length);
            if (empty) {
                sink.close(localName(name), '', path.length);
                ended = path.length === 0;
            }
            else
                path.push(name);
            parts = '';
            at = content = end + 1;
        }
    }
}
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
function after(text, mark, from) {
    const found = text.indexOf(mark, from);
    if (found === -1)
        throw new XmlError('The document is cut off.');
    return found + mark.length;
}
/** The index of the `>` that ends the tag; one within a quoted attribute does not. */
function tagEnd(text, start) {
    for (let end = start; end < text.length; end++) {
        const c = text.charCodeAt(end);
        if (c === 0x3e)
            return end;
        if (c === 0x22 || c === 0x27) {
            end = text.indexOf(c === 0x22 ? '"' : "'", end + 1);
            if (end === -1)
                break;
        }
    }
    throw new XmlError('The document is cut off.');
}
function tagName(text, start, end) {
    let stop = start;
    while (stop < end && text.charCodeAt(stop) > 0x20)
        stop++;
    const name = text.slice(start, stop);
    if (name === '' || /[<&/"'=]/.test(name))
        throw new XmlError('A tag has no name.');
    return name;
}
function sameName(text, start, end, name) {
    return text.startsWith(name, start) && text.slice(start + name.length, end).trim() === '';
}
function localName(name) {
    const colon = name.indexOf(':');
    return colon === -1 ? name : name.slice(colon + 1);
}
function decodeText(text, start, end) {
    const raw = text.slice(start, end);
    return raw.includes('&') ? raw.replace(/&([^;&]{0,12});?/g, decodeEntity) : raw;
}
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
function decodeEntity(whole, name) {
    if (whole.endsWith(';')) {
        const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
        if (known !== undefined)
            return known;
        const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
        const point = digits === null ? -1 : digits[1] ? Number.parseInt(digits[1], 16) : Number(digits[2]);
        if (point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff))
            return String.fromCodePoint(point);
    }
    throw new XmlError(`The document has an entity that is not predefined: ${JSON.stringify(whole.slice(0, 16))}.`);
}
/** Text as element content. */
export function escapeXml(text) {
    return /[&<>"'\r]/.test(text) ? text.replace(/[&<>"'\r]/g, found => `&#${found.charCodeAt(0)};`) : text;
}
//# sourceMappingURL=xml.js.map