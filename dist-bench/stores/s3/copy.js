import { attributesOf } from '../../core/attributes.js';
import { StorageError } from '../../core/errors.js';
import { openSource } from '../../core/source.js';
import { conditionFailed, writeConditions } from './conditions.js';
import { copyParts, copyWhole } from './copy-requests.js';
import { formatEtag } from './etag.js';
import { getObject } from './get.js';
import { headStored } from './head.js';
import { putObject } from './put.js';
import { tagsToCopy } from './tags.js';
/** How often a source that changes while it is copied is looked at anew. */
const ATTEMPTS = 3;
/** Up to so many bytes pass through here rather than to be copied by the three requests of an upload in parts. */
const SMALL_BYTES = 1024 * 1024;
/**
 * Copies an object under a new write id. The store does it by itself (S3 API, "CopyObject", "UploadPartCopy"); a
 * condition on the copy or on the source that this server ignores there makes the bytes pass through here
 * instead, where both can be kept.
 *
 * The copy carries what was read of the source first, its SHA-256 among it: so the bytes copied must be those of
 * the same version, and it is begun anew where they are not.
 */
export async function copyObject(context, from, to, options = {}) {
    const { sourceIfMatch, ifMatch, ifNoneMatch } = options;
    const conditional = ifMatch !== undefined || ifNoneMatch !== undefined;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const source = await headStored(context, from, options, 'copy');
        if (sourceIfMatch !== undefined && source.stat.etag !== sourceIfMatch)
            throw conditionFailed('copy', from, { ifMatch: sourceIfMatch });
        const style = await context.profile.ask('copySourceIfMatch');
        // Whether the bytes that the store copies are sure to be those of the version that was looked at.
        const isBound = style !== false || from === to;
        const feature = conditional && isBound ? await conditionalWay(context, source.stat.size) : undefined;
        const passes = conditional ? feature === undefined : style === false && sourceIfMatch !== undefined;
        if (passes)
            return passThrough(context, from, to, options, source);
        const copied = await copyVersion(context, from, to, options, source, style, feature);
        if (copied !== undefined)
            return copied;
        if (sourceIfMatch !== undefined)
            throw conditionFailed('copy', from, { ifMatch: sourceIfMatch });
    }
    throw new StorageError({
        code: 'UNAVAILABLE',
        op: 'copy',
        key: from,
        store: 's3',
        message: `The object was replaced during each of ${ATTEMPTS} attempts to copy it.`,
    });
}
/** How the store itself can copy under a condition on what is replaced; undefined if it cannot, or need not. */
async function conditionalWay({ profile, copyLimits }, size) {
    if (size <= copyLimits.wholeBytes && (await profile.ask('conditionalCopy')) !== false)
        return 'conditionalCopy';
    if (size > SMALL_BYTES && (await profile.ask('conditionalComplete')) !== false)
        return 'conditionalComplete';
    return undefined;
}
/**
 * Copies the version of the source that was looked at; undefined if it was replaced in the meantime.
 *
 * @param feature what keeps the condition on what is replaced, if there is one
 */
async function copyVersion(context, from, to, options, source, style, feature) {
    const { ifMatch, ifNoneMatch, signal } = options;
    const condition = { ifMatch, ifNoneMatch, signal };
    const conditionHeaders = feature === undefined ? undefined : (await writeConditions(context, to, condition, feature)).headers;
    const large = source.stat.size > context.copyLimits.wholeBytes || feature === 'conditionalComplete';
    const copiesTags = !large && (await context.profile.ask('copiesTags'));
    const given = options.attributes ?? attributesOf(source.stat);
    const attributes = copiesTags ? given : await withTags(context, from, given, source, options);
    const conditions = style === false ? [] : ['x-amz-copy-source-if-match', formatEtag(source.stat.etag, style)];
    const copy = {
        context,
        from,
        to,
        source,
        attributes,
        conditions,
        setsTags: !copiesTags,
        writeId: options.writeId,
        condition,
        conditionHeaders,
        signal,
    };
    try {
        const copied = large ? await copyParts(copy) : await copyWhole(copy);
        if (style !== false || from === to)
            return copied;
        // This server does not look at the condition, so it is looked at here: before the copy, and after it.
        const after = await headStored(context, from, options, 'copy');
        return after.stat.etag === source.stat.etag ? copied : undefined;
    }
    catch (error) {
        if (!StorageError.is(error, 'PRECONDITION_FAILED'))
            throw error;
        if (feature === undefined)
            return undefined;
        if (from === to)
            throw error;
        // It may have been the one on the source.
        const after = await headStored(context, from, options, 'copy');
        if (after.stat.etag === source.stat.etag)
            throw error;
        return undefined;
    }
}
/** The attributes with the tags of the source, where none are given. */
async function withTags(context, from, attributes, source, { signal }) {
    if (attributes.tags !== undefined)
        return attributes;
    const tags = await tagsToCopy(context, from, source, signal);
    return tags === undefined ? attributes : { ...attributes, tags };
}
/** Reads the object and writes it anew: the bytes are checked on their way, and both conditions are kept. */
async function passThrough(context, from, to, options, head) {
    const { signal, sourceIfMatch, ifMatch, ifNoneMatch } = options;
    const { stat, body } = await getObject(context, from, { signal, ifMatch: sourceIfMatch });
    const source = await openSource(body, { size: stat.size, signal });
    try {
        const given = options.attributes ?? attributesOf(stat);
        const attributes = await withTags(context, from, given, head, options);
        return await putObject(context, to, source, {
            attributes,
            sha256: stat.sha256,
            writeId: options.writeId,
            signal,
            ifMatch,
            ifNoneMatch,
        });
    }
    finally {
        await source.close();
        await body.close();
    }
}
//# sourceMappingURL=copy.js.map