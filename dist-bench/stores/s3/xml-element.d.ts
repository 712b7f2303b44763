/** A part of a document: what an element holds, in its order. Attributes, which S3's settings have none of, are left out. */
export interface XmlElement {
    readonly name: string;
    /** Of one that has no elements in it. */
    readonly text: string;
    readonly children: readonly XmlElement[];
}
/** An element with text in it. */
export declare function textElement(name: string, text: string | number): XmlElement;
/** An element with others in it. */
export declare function groupElement(name: string, children: readonly XmlElement[]): XmlElement;
/** The whole document. @throws XmlError */
export declare function parseElement(text: string): XmlElement;
/** The element as it is written. */
export declare function formatElement({ name, text, children }: XmlElement): string;
/** The first element of this name that another holds. */
export declare function childOf(parent: XmlElement, name: string): XmlElement | undefined;
