import { endedBy } from '../../core/abort.js';
import { StorageError } from '../../core/errors.js';
import { newWriteId } from '../../core/write-id.js';
import { settleCondition, writeConditions } from './conditions.js';
import { wrongSha256 } from './errors.js';
import { objectHeaders, writtenStat } from './metadata.js';
import { putMultipart } from './multipart.js';
import { MAX_OBJECT_BYTES, partBytes, planParts } from './parts.js';
import { keyPath, readWritten } from './requests.js';
import { sha256Hex } from './sigv4.js';
/**
 * Writes an object (S3 API, "PutObject", "CreateMultipartUpload"). Nothing is sent before the whole of small
 * content, or the first part of larger content, is in hand.
 */
export async function putObject(context, key, content, options) {
    context.client.enter('put', key, options.signal);
    const source = endedBy(options.signal, content, 'put', key);
    const { size } = source;
    if (size !== undefined && size > MAX_OBJECT_BYTES) {
        throw new StorageError({
            code: 'TOO_LARGE',
            op: 'put',
            key,
            store: 's3',
            message: `The content has ${size} bytes, and S3 takes at most ${MAX_OBJECT_BYTES}.`,
        });
    }
    const plan = planParts(size, context.partSize);
    const isLarge = size !== undefined && size > plan.first;
    const conditions = options.ifMatch === undefined && options.ifNoneMatch === undefined
        ? undefined
        : await writeConditions(context, key, options, isLarge ? 'conditionalComplete' : 'conditionalPut');
    const whole = await readWhole(source, plan);
    if (whole !== undefined) {
        const stat = await putWhole(context, key, whole, options, conditions?.headers);
        source.release(whole.length);
        return stat;
    }
    if (conditions !== undefined)
        await conditions.requireMultipart();
    return putMultipart(context, key, source, options, { plan, conditions: conditions?.headers });
}
/**
 * All of the content, if one part holds it. Else its first two parts are in hand (the first, where the size is
 * known): the source gives them again, and holding them here as well would keep them for the whole upload.
 */
async function readWhole(source, plan) {
    const { size } = source;
    const first = await source.read(0, size === undefined ? plan.first : Math.min(size, plan.first));
    if (first.length === size || first.length < plan.first)
        return first;
    if (size !== undefined)
        return undefined;
    const second = await source.read(first.length, partBytes(plan, 2));
    return second.length === 0 ? first : undefined;
}
/** Writes an object whose bytes are all in hand, in one request. */
export async function putWhole(context, key, bytes, options, conditions) {
    const { client } = context;
    const { attributes, signal, once } = options;
    const sha256 = sha256Hex(bytes);
    if (options.sha256 !== undefined && options.sha256 !== sha256)
        throw wrongSha256(key, sha256, options.sha256);
    const own = {
        writeId: options.writeId ?? newWriteId(options.attributes.expiresAt),
        stamp: options.stamp ?? context.nextStamp(),
        sha256,
    };
    const made = objectHeaders(context, attributes, own);
    const headers = made instanceof Promise ? await made : made;
    if (conditions !== undefined)
        headers.push(...conditions);
    const call = {
        op: 'put',
        key,
        method: 'PUT',
        path: keyPath(client, key),
        headers,
        body: bytes,
        payloadHash: sha256,
        signal,
        once,
        mutates: true,
    };
    try {
        const written = await client.send(call, answer => readWritten(call, answer));
        return writtenStat(key, attributes, own, { ...written, size: bytes.length });
    }
    catch (error) {
        if (conditions === undefined)
            throw error;
        return settleCondition(context, key, own.writeId, error, options);
    }
}
//# sourceMappingURL=put.js.map