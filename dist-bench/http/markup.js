/** HTML from a template: what is put in is text, and escaped, unless it is {@link Markup} already. */
export function html(literals, ...parts) {
    let markup = literals[0] ?? '';
    for (const [index, part] of parts.entries())
        markup += markupOf(part) + (literals[index + 1] ?? '');
    return { markup };
}
function markupOf(part) {
    if (typeof part === 'string')
        return escapeHtml(part);
    return 'markup' in part ? part.markup : part.map(item => item.markup).join('');
}
const ENTITIES = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
};
/** Text as HTML, in an element or in a quoted attribute. */
export function escapeHtml(text) {
    return text.replace(/[&<>"']/g, found => ENTITIES[found] ?? found);
}
//# sourceMappingURL=markup.js.map