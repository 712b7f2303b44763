import { lookup } from 'mime-types'
import { DEFAULT_CONTENT_TYPE } from './attributes.js'

/** How many of the first bytes {@link proveContentType} wants to see. */
export const PROOF_BYTES = 4100

/**
 * The media type that the content itself proves by its first bytes, or undefined. Text formats (HTML, SVG,
 * JSON, CSV) prove nothing.
 */
export async function proveContentType(firstBytes: Uint8Array): Promise<string | undefined> {
  if (firstBytes.length === 0) return undefined
  const { fileTypeFromBuffer } = await loadFileType()
  return (await fileTypeFromBuffer(firstBytes))?.mime
}

/** The media type that the extension of a key or file name stands for, or undefined. */
export function contentTypeOfName(name: string): string | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1)
  // Without this check the lookup would take the whole of a name without a dot for its extension.
  return base.includes('.') ? lookup(base) || undefined : undefined
}

/**
 * The media type for content that came without one: what its first bytes prove, if that is an image, audio,
 * video or PDF; else what the name's extension says (so that a `.docx` is not taken for the ZIP file that it
 * also is); else whatever the bytes prove; else `application/octet-stream`.
 */
export async function chooseContentType(name: string, firstBytes: Uint8Array): Promise<string> {
  const proven = await proveContentType(firstBytes)
  if (proven !== undefined && /^(?:image|audio|video)\/|^application\/pdf$/.test(proven)) return proven
  return contentTypeOfName(name) ?? proven ?? DEFAULT_CONTENT_TYPE
}

let fileType: Promise<typeof import('file-type')> | undefined

function loadFileType(): Promise<typeof import('file-type')> {
  fileType ??= import('file-type')
  return fileType
}
