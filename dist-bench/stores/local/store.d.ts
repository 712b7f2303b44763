import type { Tags } from '../../core/attributes.js';
import type { Key } from '../../core/key.js';
import type { Logger } from '../../core/logger.js';
import type { SignedAccess, SigningKeys } from '../../core/signed-url.js';
import { type Source } from '../../core/source.js';
import type { Capabilities, CopyOptions, DeleteManyResult, DeleteOptions, GetOptions, ListOptions, ObjectStat, OpenObject, OperationOptions, PresignOptions, PutOptions, Store, StorePage } from '../../core/store.js';
import { type ImportReport } from './import.js';
import type { Usage } from './ledger.js';
import type { Root } from './root.js';
import { type Taken } from './take.js';
export interface LocalStoreOptions {
    /** Secrets for signed URLs: the first signs, all verify. The folder's own key unless given. */
    readonly signingKeys?: SigningKeys | undefined;
    /** Start of signed URLs, such as `https://files.example.org`; they are paths unless given. */
    readonly publicUrl?: string | undefined;
    /** Where the store reports; the root's logger unless given. */
    readonly logger?: Logger | undefined;
    /** Milliseconds that a file put or edited by somebody else must have stood still; 2000 unless given. */
    readonly stillMs?: number | undefined;
}
/**
 * Objects as files in a folder, where people can see them, with a ledger beside them that says what is an
 * object. Durable when acknowledged; safe with several processes of one machine at once. An ETag is the write id.
 */
export declare class LocalStore implements Store {
    #private;
    readonly kind = "local";
    readonly capabilities: Capabilities;
    private constructor();
    /**
     * The store of an opened folder, usable at once: what earlier runs left unfinished, and files that were there
     * before the ledger, are seen to while it works. The caller closes the root, after the store.
     */
    static open(root: Root, options?: LocalStoreOptions): Promise<LocalStore>;
    /** Settles when what earlier runs left is finished. */
    get recovered(): Promise<void>;
    /** Settles when every file that was in the folder before has been looked at; listings are complete then. */
    get adopted(): Promise<void>;
    /** Whether files in the folder may still become objects by themselves. */
    get adopting(): boolean;
    /** Looks through the folder once more for files that were put there by others; {@link adopted} tells of its end. */
    adoptAgain(): Promise<void>;
    put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat>;
    get(key: Key, options?: GetOptions): Promise<OpenObject>;
    head(key: Key, options?: OperationOptions): Promise<ObjectStat>;
    delete(key: Key, options?: DeleteOptions): Promise<boolean>;
    deleteMany(keys: readonly Key[], options?: OperationOptions): Promise<DeleteManyResult>;
    copy(from: Key, to: Key, options?: CopyOptions): Promise<ObjectStat>;
    list(options?: ListOptions): Promise<StorePage>;
    getTags(key: Key, options?: OperationOptions): Promise<Tags>;
    setTags(key: Key, tags: Tags, options?: OperationOptions): Promise<void>;
    presign(key: Key, options: PresignOptions): Promise<string>;
    /** What a signed URL of this store (its path and query) grants for a method; undefined if nothing. */
    verifySignedUrl(method: string, pathAndQuery: string): Promise<SignedAccess | undefined>;
    /** How many objects there are and how many bytes they have: a sum that is kept, not a count. */
    metrics(): Promise<Usage>;
    /**
     * Makes an object of bytes that were acknowledged elsewhere in this folder, with their own write id, stamp and
     * time. A file is not copied: it gets one more name, and keeps the one it has. Doing it again is no harm.
     *
     * @param content the bytes, or the durable file that holds them
     * @throws StorageError `UNAVAILABLE`, `NO_SPACE` as the disk answers
     */
    take(key: Key, content: Buffer | {
        readonly path: string;
    }, write: Taken): Promise<void>;
    /** Takes files that lie in the folder for objects; see {@link adoptPath}. */
    importFiles(path?: string, signal?: AbortSignal): Promise<ImportReport>;
    close(): Promise<void>;
}
