import contentDisposition from 'content-disposition';
const ASCII = /^[\x20-\x7e]*$/;
/**
 * A Content-Disposition with the name to save under (RFC 6266). A name beyond ASCII is given twice, in the
 * extended notation (RFC 8187) and as an ASCII one: Latin-1 in a header is lawful, and read as something else
 * by half of all clients (RFC 6266, appendix D).
 */
export function formatDisposition(type, fileName) {
    if (fileName === undefined || ASCII.test(fileName))
        return contentDisposition(fileName, { type });
    return contentDisposition(fileName, { type, fallback: fileName.replace(/[^\x20-\x7e]/gu, '_') });
}
//# sourceMappingURL=content-disposition.js.map