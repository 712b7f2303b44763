import { type Key } from '../../core/key.js';
import type { S3Call, S3Client } from './client.js';
import type { Answer } from './exchange.js';
import type { EtagStyle } from './profile.js';
/** A condition as it is sent. */
export interface SentCondition {
    readonly ifMatch?: string;
    readonly ifNoneMatch?: '*';
}
/** What of a call a trial chooses. */
type TrialCall = Pick<S3Call, 'method' | 'query' | 'headers' | 'body' | 'expected'>;
/** An object to try things out on, which is gone without a trace when `work` is done. */
export declare function withTrialObject<T>(client: S3Client, work: (object: TrialObject) => Promise<T>): Promise<T>;
/** An object under a name of its own. What fails here fails the trial. */
export declare class TrialObject {
    #private;
    readonly key: Key;
    constructor(client: S3Client);
    /** Sends a request for this object. */
    send<T>(call: TrialCall, read: (answer: Answer, call: S3Call) => T): Promise<T>;
    /** Writes the object. @returns its ETag */
    put(text: string, headers?: readonly string[]): Promise<string>;
    /** Whether a conditional PUT is taken. */
    accepts(condition: SentCondition): Promise<boolean>;
    /** Whether a conditional DELETE is taken, and done: some answer 204 and have not looked at the condition. */
    acceptsDelete(condition: SentCondition): Promise<boolean>;
    /** Whether a copy of `source` to this object is taken. */
    acceptsCopy(source: TrialObject, headers: readonly string[]): Promise<boolean>;
    /** Begins an upload of one part, which `work` can try to complete; aborts what is left of it. */
    withPart<T>(work: (complete: (condition: SentCondition) => Promise<boolean>) => Promise<T>, headers?: readonly string[]): Promise<T>;
    /** Removes the object with all its versions, as far as that may be done. */
    remove(): Promise<void>;
}
/** The style in which the right ETag is taken and a wrong one is not; false if there is none. */
export declare function styleOf(etag: string, accepts: (condition: {
    ifMatch: string;
}) => Promise<boolean>): Promise<false | EtagStyle>;
export {};
