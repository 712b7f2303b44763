/** An access key, as every request is signed with. */
export interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    /** Of temporary credentials. */
    readonly sessionToken?: string | undefined;
}
/** What is signed of a request. */
export interface RequestToSign {
    readonly method: string;
    /** The Host header that will be sent. */
    readonly host: string;
    /** Percent-encoded once, as it will be sent (S3 is not encoded a second time). */
    readonly path: string;
    /** What {@link canonicalQuery} made, without `?`; as it will be sent. */
    readonly query: string;
    /** Lower-case names and their values in turn. No name twice. */
    readonly headers: readonly string[];
}
/** The payload hash of a request whose body is not signed. */
export declare const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
/** Lower-case hex SHA-256 of no bytes. */
export declare const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/** The longest life of a presigned URL, in seconds (SigV4 query authentication). */
export declare const MAX_PRESIGN_SECONDS: number;
/** Lower-case hex SHA-256. */
export declare function sha256Hex(bytes: Uint8Array | string): string;
/** Text as a part of a query: every byte but RFC 3986's unreserved characters percent-encoded. */
export declare function encodeQuery(text: string): string;
/** A query string, encoded and sorted as SigV4 wants it signed; to be sent just so. */
export declare function canonicalQuery(parameters: Iterable<readonly [name: string, value: string]>): string;
/**
 * Signs requests for one region (AWS Signature Version 4, with S3's rules: the path is not encoded twice and
 * the payload hash travels in `x-amz-content-sha256`). The signing key of a day is derived once.
 */
export declare class Signer {
    #private;
    constructor(region: string, service?: string);
    /**
     * Signs by header: returns the request's headers with `x-amz-date`, `x-amz-content-sha256`, the session
     * token and `authorization` behind them. The Host header is signed but not added.
     *
     * @param time milliseconds since the epoch
     * @param payloadHash lower-case hex SHA-256 of the body, or {@link UNSIGNED_PAYLOAD}
     */
    sign(request: RequestToSign, payloadHash: string, credentials: Credentials, time: number): string[];
    /**
     * Signs by query, for a URL that anybody may use while it lives: returns the query to send. The request's
     * headers must be sent by whoever uses it; the body is not signed.
     *
     * @param time milliseconds since the epoch
     */
    presign(request: Omit<RequestToSign, 'query'>, parameters: Iterable<readonly [string, string]>, expiresInSeconds: number, credentials: Credentials, time: number): string;
}
