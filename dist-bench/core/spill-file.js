import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
/** Makes such a file in the folder. Rejects with the system's own error. */
export async function openSpillFile(folder) {
    const path = join(folder, `spill-${randomUUID()}`);
    const file = await open(path, 'wx+', 0o600);
    let named = process.platform === 'win32';
    if (!named)
        await unlink(path);
    return {
        write: async (bytes, offset) => {
            for (let at = 0; at < bytes.length;) {
                at += (await file.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
            }
        },
        read: async (offset, length) => {
            const buffer = Buffer.allocUnsafeSlow(length);
            let filled = 0;
            while (filled < length) {
                const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
                if (bytesRead === 0)
                    break;
                filled += bytesRead;
            }
            return buffer.subarray(0, filled);
        },
        close: async () => {
            await file.close();
            if (named)
                await unlink(path).catch(() => { });
            named = false;
        },
    };
}
//# sourceMappingURL=spill-file.js.map