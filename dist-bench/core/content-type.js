import { lookup } from 'mime-types';
import { DEFAULT_CONTENT_TYPE } from './attributes.js';
/** How many of the first bytes {@link proveContentType} wants to see. */
export const PROOF_BYTES = 4100;
/**
 * The media type that the content itself proves by its first bytes, or undefined. Text formats (HTML, SVG,
 * JSON, CSV) prove nothing.
 */
export async function proveContentType(firstBytes) {
    if (firstBytes.length === 0)
        return undefined;
    const { fileTypeFromBuffer } = await loadFileType();
    return (await fileTypeFromBuffer(firstBytes))?.mime;
}
/** The media type that the extension of a key or file name stands for, or undefined. */
export function contentTypeOfName(name) {
    const base = name.slice(name.lastIndexOf('/') + 1);
    // Without this check the lookup would take the whole of a name without a dot for its extension.
    return base.includes('.') ? lookup(base) || undefined : undefined;
}
/**
 * The bytes that the images, audio, video and PDF in use begin with: ISO media and icons (0x00), JPEG, MP3 and
 * AAC (0xff), PNG (0x89), Matroska and WebM (0x1a), ASF (0x30), and the letters of `%PDF`, `GIF`, `RIFF`, `BM`,
 * `OggS`, `fLaC`, `FORM`, `FLV`, `ID3`, `II` and `MM` (TIFF), `#!AMR`, `8BPS`.
 */
const MEDIA_STARTS = new Set([0, 0xff, 0x89, 0x1a, 0x30, ...Buffer.from('%GRBOfFIM#8')]);
/**
 * The media type for content that came without one: what its first bytes prove, if that is an image, audio,
 * video or PDF; else what the name's extension says (so that a `.docx` is not taken for the ZIP file that it
 * also is); else whatever the bytes prove; else `application/octet-stream`.
 */
export async function chooseContentType(name, firstBytes) {
    const named = contentTypeOfName(name);
    // The proof costs more than all other bookkeeping of a small upload, so it is asked for where it can decide.
    if (named !== undefined && !MEDIA_STARTS.has(firstBytes[0] ?? -1))
        return named;
    const proven = await proveContentType(firstBytes);
    if (proven !== undefined && /^(?:image|audio|video)\/|^application\/pdf$/.test(proven))
        return proven;
    return named ?? proven ?? DEFAULT_CONTENT_TYPE;
}
let fileType;
function loadFileType() {
    fileType ??= import('file-type');
    return fileType;
}
//# sourceMappingURL=content-type.js.map