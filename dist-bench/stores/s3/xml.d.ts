/** Told of an XML document's elements in order. Names come without their namespace prefix. */
export interface XmlSink {
    /** An element begins; the root has depth 0. */
    open?(name: string, depth: number): void;
    /** An element ends; `text` is what stood directly before its end tag, decoded. */
    close(name: string, text: string, depth: number): void;
}
/** A document that is not the well-formed, plain XML that S3 answers with. */
export declare class XmlError extends Error {
    readonly name = "XmlError";
}
/**
 * Reads an S3 answer. Takes elements, text, CDATA, comments and the XML declaration; refuses document types,
 * so that no entity but the five predefined and the numeric ones can be there, and nothing can expand.
 * Attributes are passed over. Time and memory are bounded by the text's length.
 *
 * @throws XmlError
 */
export declare function readXml(text: string, sink: XmlSink): void;
/** Text as element content. */
export declare function escapeXml(text: string): string;
