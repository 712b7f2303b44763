import type { Refusal } from './s3-stub-auth.js';
/** What a stub answers, before any fault is put upon it. */
export interface StubAnswer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
}
/** The body of an answer that has none. */
export declare const NO_BODY: Buffer<ArrayBuffer>;
/** An S3 error on its way to becoming an answer. */
export declare class StubError extends Error {
    readonly name = "StubError";
    readonly refusal: Refusal;
    constructor(status: number, code: string, message?: string);
}
/** An answer with an XML document. */
export declare function xmlAnswer(status: number, root: string, content: string): StubAnswer;
/** An answer with an S3 error document. */
export declare function errorAnswer({ status, code, message, more }: Refusal): StubAnswer;
/** An XML element with text in it. */
export declare function element(name: string, value: string | number): string;
/** The text of every element of this name, entities decoded. */
export declare function elements(xml: string, name: string): string[];
