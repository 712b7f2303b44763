/** Where a clamd listens. */
export type ClamdAddress = { readonly path: string } | { readonly host: string; readonly port: number }

/**
 * Parses an address: the path of a socket (`/run/clamav/clamd.ctl`), or `host:port` (`[::1]:3310` of IPv6).
 *
 * @returns undefined for anything else
 */
export function parseClamdAddress(text: string): ClamdAddress | undefined {
  if (text.startsWith('/')) return text.includes('\0') ? undefined : { path: text }
  const [, bracketed, name, digits] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? name
  const port = Number(digits)
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined
}
