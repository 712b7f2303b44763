import type { QuotaUsage } from '../storage.js'
import { files, number, size } from './wording.js'

/** What of a quota's bytes is taken. */
export function bytesText({ bytes, maxBytes }: QuotaUsage): string {
  return maxBytes === undefined ? size(bytes) : `${size(bytes)} of ${size(maxBytes)}`
}

/** What of a quota's files is taken. */
export function filesText({ files: count, maxFiles }: QuotaUsage): string {
  return maxFiles === undefined ? files(count) : `${number(count)} of ${files(maxFiles)}`
}

/** Whether more is there than the quota allows, as there may be when it was set. */
export function isOver({ bytes, files, maxBytes, maxFiles }: QuotaUsage): boolean {
  return bytes > (maxBytes ?? Number.POSITIVE_INFINITY) || files > (maxFiles ?? Number.POSITIVE_INFINITY)
}
