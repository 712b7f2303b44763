/** The body of an answer that has none. */
export const NO_BODY = Buffer.alloc(0);
/** An S3 error on its way to becoming an answer. */
export class StubError extends Error {
    name = 'StubError';
    refusal;
    constructor(status, code, message = code) {
        super(message);
        this.refusal = { status, code, message };
    }
}
/** An answer with an XML document. */
export function xmlAnswer(status, root, content) {
    const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`);
    return { status, headers: { 'content-type': 'application/xml' }, body };
}
/** An answer with an S3 error document. */
export function errorAnswer({ status, code, message, more = {} }) {
    const fields = { Code: code, Message: message, ...more };
    const content = Object.entries(fields).map(([name, value]) => element(name, value));
    const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content.join('')}</Error>`);
    return { status, headers: { 'content-type': 'application/xml' }, body };
}
/** An XML element with text in it. */
export function element(name, value) {
    return `<${name}>${escapeText(String(value))}</${name}>`;
}
function escapeText(text) {
    return text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;');
}
const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
/** The text of every element of this name, entities decoded. */
export function elements(xml, name) {
    return Array.from(xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`, 'g')), match => 
    // In one pass, so that what an entity stands for is not taken for the start of another.
    (match[1] ?? '').replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (entity, decimal, hex, named) => {
        if (named !== undefined)
            return ENTITIES[named] ?? entity;
        return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
    }));
}
//# sourceMappingURL=s3-stub-answer.js.map