import type { IncomingHttpHeaders } from 'node:http';
import type { Encoding, FileStat, OpenedFile } from '../storage.js';
/** What a request is answered with: the file itself, or the compressed form that the store holds (section 8.4). */
export interface Representation {
    readonly encoding?: Encoding;
    /** Bytes. */
    readonly size: number;
    readonly etag: string;
    /** Lower-case hex. */
    readonly sha256?: string | undefined;
}
/**
 * The encodings that a client takes at least as gladly as none (RFC 9110, section 12.5.3). None where it names none; and
 * none for a part of a file, which is one of the file itself.
 */
export declare function acceptedEncodings(headers: IncomingHttpHeaders): readonly Encoding[];
/**
 * The representation of a file that a request is for. A client that names the tag of one of them in a condition is asking
 * about that one.
 */
export declare function selectRepresentation(headers: IncomingHttpHeaders, accepted: readonly Encoding[], stat: FileStat): Representation;
/** What an opened file gives. */
export declare function representationOf({ stat, encoding }: OpenedFile): Representation;
