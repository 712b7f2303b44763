import type { EtagStyle } from './profile.js';
/** An ETag as it stands in a condition sent to this endpoint. */
export declare function formatEtag(etag: string, style: EtagStyle): string;
