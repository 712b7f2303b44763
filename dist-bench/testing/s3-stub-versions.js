import { randomBytes } from 'node:crypto';
import { compareUtf8 } from '../core/key.js';
import { element, StubError } from './s3-stub-answer.js';
/** What was written while no versions were kept goes by this id. */
const NULL_ID = 'null';
/** The versions of a bucket's objects, once it was told to keep them. */
export class StubVersions {
    #state = 'off';
    /** Of each key the newest first. Keys that had no version since they are kept are not in it. */
    #versions = new Map();
    turn(on) {
        this.#state = on ? 'on' : 'suspended';
    }
    /** What a VersioningConfiguration holds. */
    status() {
        return this.#state === 'off' ? '' : element('Status', this.#state === 'on' ? 'Enabled' : 'Suspended');
    }
    /** Every key that has a version, in UTF-8 byte order. */
    keys(objects) {
        return [...new Set([...objects.keys(), ...this.#versions.keys()])].sort(compareUtf8);
    }
    /** The versions of a key, the newest first. */
    of(key, current) {
        const known = this.#versions.get(key);
        if (known !== undefined)
            return known;
        return current === undefined ? [] : [{ id: NULL_ID, modified: current.modified, object: current }];
    }
    find(key, id, current) {
        const found = this.of(key, current).find(version => version.id === id);
        if (found === undefined)
            throw new StubError(404, 'NoSuchVersion');
        if (found.object === undefined)
            throw new StubError(405, 'MethodNotAllowed');
        return found.object;
    }
    /** @returns the object as it is to be kept */
    added(key, object, current) {
        if (this.#state === 'off')
            return object;
        const kept = { ...object, versionId: this.#newId() };
        this.#push(key, { id: kept.versionId, modified: object.modified, object: kept }, current);
        return kept;
    }
    /** Notes that the current version carries something else. */
    changed(key, object) {
        const versions = this.#versions.get(key);
        const [newest] = versions ?? [];
        if (versions !== undefined && newest !== undefined)
            versions[0] = { ...newest, object };
    }
    /** @returns the id of the delete marker that came to be, if one did */
    deleted(key, current) {
        if (this.#state === 'off')
            return undefined;
        const id = this.#newId();
        this.#push(key, { id, modified: new Date(), object: undefined }, current);
        return id;
    }
    /** @returns what is current after it */
    removed(key, id, current) {
        const left = this.of(key, current).filter(version => version.id !== id);
        if (left.length === 0)
            this.#versions.delete(key);
        else
            this.#versions.set(key, left);
        return left[0]?.object;
    }
    #push(key, version, current) {
        const older = this.of(key, current).filter(({ id }) => id !== version.id);
        this.#versions.set(key, [version, ...older]);
    }
    #newId() {
        return this.#state === 'on' ? randomBytes(16).toString('hex') : NULL_ID;
    }
}
//# sourceMappingURL=s3-stub-versions.js.map