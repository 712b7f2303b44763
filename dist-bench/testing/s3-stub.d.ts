import { type IncomingMessage } from 'node:http';
import { type StubCredentials } from './s3-stub-auth.js';
import { type ConditionSupport, StubBucket } from './s3-stub-bucket.js';
import { type Fault } from './s3-stub-faults.js';
export type { ConditionSupport, Fault, StubBucket, StubCredentials };
/** How a stub is set up. */
export interface S3StubOptions {
    /** 0, a free one, unless given. */
    readonly port?: number;
    /** Buckets that exist from the start; `stub` unless given. */
    readonly buckets?: readonly string[];
    readonly credentials?: Partial<StubCredentials>;
    /** Whether signatures and payload hashes are checked; true unless given. */
    readonly verify?: boolean;
    /** How conditional writes are treated, by operation; `quoted`, as by AWS, unless given. */
    readonly conditions?: Partial<Record<'put' | 'complete' | 'delete' | 'copySource' | 'copy', ConditionSupport>>;
    /** What the server makes of lifecycle rules that it is given; it keeps them as they are unless given. */
    readonly keepLifecycle?: (xml: string) => string;
    /** Whether answers carry `x-amz-request-id`; true unless given. */
    readonly requestIds?: boolean;
    /** The storage classes that there are, `STANDARD` beside them; any unless given. */
    readonly storageClasses?: readonly string[];
}
/** What a fault is decided by. */
export interface StubRequest {
    /** Counted from 1. */
    readonly number: number;
    readonly operation: string;
    readonly method: string;
    readonly bucket: string;
    readonly key: string;
    readonly query: URLSearchParams;
    readonly headers: IncomingMessage['headers'];
}
/** An S3 server in memory, for tests: it checks signatures, counts what it is asked, and fails as it is told. */
export interface S3Stub {
    /** URL without a path. */
    readonly endpoint: string;
    readonly port: number;
    readonly credentials: StubCredentials;
    readonly buckets: ReadonlyMap<string, StubBucket>;
    /** Requests so far, by S3's name of the operation; `total` counts all. */
    readonly counts: Readonly<Record<string, number>>;
    /** Bytes of bodies so far. */
    readonly bytes: {
        readonly received: number;
        readonly sent: number;
    };
    /** Connections so far. */
    readonly connections: number;
    /** Decides for each request what goes wrong with it; nothing unless set. */
    fault: ((request: StubRequest) => Fault | undefined) | undefined;
    /** Milliseconds by which this server's clock is ahead. */
    clockOffsetMs: number;
    /** Milliseconds from a RestoreObject until an object of GLACIER or DEEP_ARCHIVE can be read; 0 unless set. */
    restoreMs: number;
    resetCounts(): void;
    /** Closes the port and all connections: further ones are refused. The objects stay. */
    goDown(): Promise<void>;
    /** Listens again, on the same port. */
    comeBack(): Promise<void>;
    close(): Promise<void>;
}
/** Starts a stub on 127.0.0.1. Path-style addressing only. */
export declare function startS3Stub(options?: S3StubOptions): Promise<S3Stub>;
