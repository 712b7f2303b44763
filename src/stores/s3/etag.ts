import type { EtagStyle } from './profile.js'

/** An ETag as it stands in a condition sent to this endpoint. */
export function formatEtag(etag: string, style: EtagStyle): string {
  return style === 'quoted' ? `"${etag}"` : etag
}
