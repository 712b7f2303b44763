import { escapeXml, readXml } from './xml.js';
/** An element with text in it. */
export function textElement(name, text) {
    return { name, text: String(text), children: [] };
}
/** An element with others in it. */
export function groupElement(name, children) {
    return { name, text: '', children };
}
/** The whole document. @throws XmlError */
export function parseElement(text) {
    const open = [[]];
    readXml(text, {
        open: () => open.push([]),
        close: (name, content) => {
            const children = open.pop() ?? [];
            open.at(-1)?.push({ name, text: children.length === 0 ? content : '', children });
        },
    });
    return open[0]?.[0];
}
/** The element as it is written. */
export function formatElement({ name, text, children }) {
    const content = children.length === 0 ? escapeXml(text) : children.map(formatElement).join('');
    return `<${name}>${content}</${name}>`;
}
/** The first element of this name that another holds. */
export function childOf(parent, name) {
    return parent.children.find(child => child.name === name);
}
//# sourceMappingURL=xml-element.js.map