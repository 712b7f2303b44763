import type { StubObject } from './s3-stub-bucket.js';
/** One version of an object; a delete marker has no object. */
export interface StubVersion {
    readonly id: string;
    readonly modified: Date;
    readonly object: StubObject | undefined;
}
/** The versions of a bucket's objects, once it was told to keep them. */
export declare class StubVersions {
    #private;
    turn(on: boolean): void;
    /** What a VersioningConfiguration holds. */
    status(): string;
    /** Every key that has a version, in UTF-8 byte order. */
    keys(objects: ReadonlyMap<string, StubObject>): string[];
    /** The versions of a key, the newest first. */
    of(key: string, current: StubObject | undefined): readonly StubVersion[];
    find(key: string, id: string, current: StubObject | undefined): StubObject;
    /** @returns the object as it is to be kept */
    added(key: string, object: StubObject, current: StubObject | undefined): StubObject;
    /** Notes that the current version carries something else. */
    changed(key: string, object: StubObject): void;
    /** @returns the id of the delete marker that came to be, if one did */
    deleted(key: string, current: StubObject | undefined): string | undefined;
    /** @returns what is current after it */
    removed(key: string, id: string, current: StubObject | undefined): StubObject | undefined;
}
