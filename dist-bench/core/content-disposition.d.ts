/**
 * A Content-Disposition with the name to save under (RFC 6266). A name beyond ASCII is given twice, in the
 * extended notation (RFC 8187) and as an ASCII one: Latin-1 in a header is lawful, and read as something else
 * by half of all clients (RFC 6266, appendix D).
 */
export declare function formatDisposition(type: 'inline' | 'attachment', fileName: string | undefined): string;
