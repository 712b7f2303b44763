import type { IncomingMessage } from 'node:http';
/** What a request asks for, as its first line and headers say. */
export interface ParsedRequest {
    readonly operation: string;
    readonly method: string;
    readonly bucket: string;
    readonly key: string;
    readonly query: URLSearchParams;
}
/** Reads what a request asks for. */
export declare function parseRequest(request: IncomingMessage): ParsedRequest;
/** Takes the framing off a body that came with a trailing checksum (S3 API, `aws-chunked`). */
export declare function decodeChunked(headers: IncomingMessage['headers'], raw: Buffer): {
    headers: Record<string, string | string[] | undefined>;
    body: Buffer;
};
