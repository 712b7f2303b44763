import type { Logger } from '../../core/logger.js';
import { type CredentialsOption } from '../../stores/s3/credentials.js';
import type { RequestHead } from '../fault-proxy/upstream.js';
export interface ResignOptions {
    readonly endpoint: string | undefined;
    readonly region: string;
    readonly bucket: string;
    readonly forcePathStyle: boolean | undefined;
    readonly credentials: CredentialsOption;
    readonly logger: Logger;
}
/** What turns requests to a proxy into requests to the server behind it. */
export interface Resigning {
    /** Scheme, host and port of the server. */
    readonly target: string;
    rewrite(head: RequestHead): Promise<RequestHead>;
}
/**
 * Signs requests anew for the server's own name. They come addressed by path and signed for the proxy; servers such
 * as Amazon's take only their own host name, and some only the bucket as a part of it. The time of signing stays.
 */
export declare function resigning(options: ResignOptions): Resigning;
