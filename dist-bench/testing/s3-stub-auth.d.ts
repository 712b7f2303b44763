import type { IncomingMessage } from 'node:http';
/** Who may use a stub, and from which region they must sign. */
export interface StubCredentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    /** If given, requests must carry it. */
    readonly sessionToken?: string | undefined;
    readonly region: string;
}
/** Why a request is refused, in S3's words. */
export interface Refusal {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    /** Further elements of the error document. */
    readonly more?: Readonly<Record<string, string>>;
}
/**
 * Checks the signature of a request (AWS Signature Version 4, by header or by query) from what came over the
 * wire alone, independently of the code that signs.
 *
 * @param now milliseconds since the epoch by the stub's clock
 * @returns why it is refused, or undefined
 */
export declare function checkSignature(request: IncomingMessage, credentials: StubCredentials, now: number): Refusal | undefined;
