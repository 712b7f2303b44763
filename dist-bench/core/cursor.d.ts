/** Where a listing goes on: after `last`, for the same question, remembering whether a page was incomplete. */
export interface Cursor {
    /** The last key or rolled-up prefix that was listed. */
    readonly last: string;
    /** Once false it stays false: a page before this one missed something. */
    readonly complete: boolean;
}
/** The cursor as text that fits a URL, tied to the listing's question. */
export declare function formatCursor(cursor: Cursor, prefix: string, delimiter: string | undefined): string;
/**
 * Reads what {@link formatCursor} wrote for the same prefix and delimiter.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a cursor of another listing, or no cursor at all
 */
export declare function parseCursor(text: unknown, prefix: string, delimiter: string | undefined): Cursor;
