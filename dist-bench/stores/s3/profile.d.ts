import type { S3Client } from './client.js';
/**
 * What an endpoint can do that S3-compatible servers differ in. Nothing of it is assumed: each is tried out in
 * the bucket itself, below `.holdfast/probe/`, when it is first needed.
 */
export interface ProfileData {
    /** PUT honours If-Match and If-None-Match; `bare` where it wants the ETag without quotes. */
    readonly conditionalPut?: false | EtagStyle;
    /** CompleteMultipartUpload does. */
    readonly conditionalComplete?: false | EtagStyle;
    /** DELETE honours If-Match. */
    readonly conditionalDelete?: false | EtagStyle;
    /** CopyObject honours x-amz-copy-source-if-match. */
    readonly copySourceIfMatch?: false | EtagStyle;
    /** CopyObject honours If-Match and If-None-Match, on what is replaced. */
    readonly conditionalCopy?: false | EtagStyle;
    /** Metadata names keep `_`; servers that see headers as CGI variables make it `-`. */
    readonly keepsUnderscores?: boolean;
    /** CopyObject takes the source's tags along, or those that it is given. */
    readonly copiesTags?: boolean;
    /** An upload in parts keeps the tags that it was begun with. */
    readonly multipartTags?: boolean;
    /** The ETag of a small object is the MD5 of its bytes. */
    readonly etagIsMd5?: boolean;
}
/** How an ETag stands in If-Match: quoted as RFC 9110 has it, or bare. */
export type EtagStyle = 'quoted' | 'bare';
export type Feature = keyof ProfileData;
/** The profile of one endpoint and bucket: kept in memory, and as plain data for who wants to store it. */
export declare class Profile {
    #private;
    constructor(client: S3Client, known?: ProfileData);
    /** What is known so far; undefined where it was not needed yet. */
    known<F extends Feature>(feature: F): ProfileData[F] | undefined;
    /**
     * What the endpoint does, tried out now if it is not known.
     *
     * @throws StorageError what keeps the trial from an answer; the next question tries again
     */
    ask<F extends Feature>(feature: F): Promise<Exclude<ProfileData[F], undefined>>;
    toJSON(): ProfileData;
}
