import type { FileStat, SignedAccess } from '../storage.js';
/** How a file is handed to a browser. */
export interface Presentation {
    readonly contentType: string;
    readonly contentDisposition: string;
    readonly contentSecurityPolicy: string;
    /**
     * Whether these headers but the policy are enough, without `nosniff` too: what is shown is proven media, and what
     * is saved is of no type that a browser takes for a document, or a page for a part of its code.
     */
    readonly inert: boolean;
}
/** Whether the file's bytes could make it `inline`, so that it is worth looking at them. */
export declare function mayBeInline(stat: FileStat, signed: SignedAccess | undefined): boolean;
/**
 * Chooses the headers that tell a browser what to do with a file.
 *
 * @param proven what the file's first bytes prove; undefined for nothing, or if {@link mayBeInline} said no
 * @param signed what the signed URL asks for, if there is one
 */
export declare function present(stat: FileStat, proven: string | undefined, signed: SignedAccess | undefined): Presentation;
