import { join } from 'node:path';
import { ifThere } from './bytes.js';
import { systemCode } from './files.js';
/** Between the id of the process and the folder, in a mark's name; in neither of them. */
const SEPARATOR = '~';
/**
 * Marks the folders of `objects` that this process writes files into before it commits the rows that name them. A
 * file without a row is one that is about to get it, or one whose writer died in between: the marks tell.
 *
 * Whoever judges lists the files first, then reads the marks, then the rows: a file of a folder that nobody who
 * lives had marked by then was written by a process that has committed all it ever will.
 */
export class Claims {
    #files;
    #folder;
    #processId;
    #made = new Map();
    #ready;
    /** @param ownPath Holdfast's own folder */
    constructor(files, ownPath, processId) {
        this.#files = files;
        this.#folder = join(ownPath, 'claims');
        this.#processId = processId;
    }
    /** Marks a folder, durably; once is enough. */
    claim(folder) {
        let made = this.#made.get(folder);
        if (made === undefined) {
            made = this.#make(folder).catch(error => {
                this.#made.delete(folder);
                throw error;
            });
            this.#made.set(folder, made);
        }
        return made;
    }
    /** Takes the marks of this process away. Called when it can commit no more. */
    async release() {
        const marks = [...this.#made.keys()].map(folder => this.#mark(folder));
        this.#made.clear();
        await this.forget(marks);
    }
    /** Takes marks away. */
    async forget(marks) {
        for (const mark of marks)
            await ifThere(this.#files.unlink(join(this.#folder, mark)));
    }
    /** The marks that are there now. */
    async read(isDead) {
        const living = new Set();
        const dead = new Map();
        for (const entry of await readIfThere(this.#files, this.#folder)) {
            const mark = entry.name.toString();
            const at = mark.lastIndexOf(SEPARATOR);
            const folder = mark.slice(at + 1);
            if (!isDead(mark.slice(0, at))) {
                living.add(folder);
                continue;
            }
            const { marks, since } = dead.get(folder) ?? { marks: [], since: Number.POSITIVE_INFINITY };
            const made = await this.#timeOf(mark);
            if (made !== undefined)
                dead.set(folder, { marks: [...marks, mark], since: Math.min(since, made) });
        }
        return { living, dead };
    }
    /** When a mark was made; undefined if it is gone. */
    async #timeOf(mark) {
        try {
            return (await this.#files.lstat(join(this.#folder, mark))).mtimeMs;
        }
        catch (error) {
            if (systemCode(error) === 'ENOENT')
                return undefined;
            throw error;
        }
    }
    #mark(folder) {
        return this.#processId + SEPARATOR + folder;
    }
    async #make(folder) {
        this.#ready ??= this.#makeFolder().catch(error => {
            this.#ready = undefined;
            throw error;
        });
        await this.#ready;
        try {
            await this.#files.close(await this.#files.create(join(this.#folder, this.#mark(folder))));
        }
        catch (error) {
            if (systemCode(error) !== 'EEXIST')
                throw error;
        }
        await this.#files.fsyncFolder(this.#folder);
    }
    async #makeFolder() {
        await this.#files.mkdir(this.#folder).catch(error => {
            if (systemCode(error) !== 'EEXIST')
                throw error;
        });
        await this.#files.fsyncFolder(join(this.#folder, '..'));
    }
}
/** The entries of a folder; none if there is no such folder. */
async function readIfThere(files, folder) {
    try {
        return await files.readFolder(folder);
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return [];
        throw error;
    }
}
//# sourceMappingURL=claims.js.map