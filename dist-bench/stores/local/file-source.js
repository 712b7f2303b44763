import { damaged } from './tree.js';
/** An open file of the store as the source of a copy. The descriptor stays the caller's to close. */
export class FileSource {
    size;
    #files;
    #fd;
    #key;
    constructor(files, fd, size, key) {
        this.#files = files;
        this.#fd = fd;
        this.size = size;
        this.#key = key;
    }
    async read(offset, length) {
        const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)));
        const read = await this.#files.read(this.#fd, buffer, buffer.length, offset);
        if (read < buffer.length)
            throw damaged('copy', this.#key, `its file ends at byte ${offset + read}`);
        return buffer;
    }
    release() { }
    async close() { }
}
//# sourceMappingURL=file-source.js.map