import { hash } from 'node:crypto';
import { StorageError } from '../../core/errors.js';
import { formatEtag } from './etag.js';
import { fetchTags } from './tags.js';
import { styleOf, withTrialObject } from './trial-object.js';
/** How each feature is tried out, on objects that are removed again. */
export const trials = {
    conditionalPut: client => withTrialObject(client, async (object) => {
        const etag = await object.put('a');
        if (await object.accepts({ ifNoneMatch: '*' }))
            return false;
        const style = await styleOf(etag, condition => object.accepts(condition));
        if (style === false)
            return false;
        const ifMatch = formatEtag(etag, style);
        const onNothing = await withTrialObject(client, absent => absent.accepts({ ifMatch }));
        return onNothing ? false : style;
    }),
    conditionalComplete: client => withTrialObject(client, async (object) => {
        const etag = await object.put('a');
        return object.withPart(async (complete) => {
            if (await complete({ ifNoneMatch: '*' }))
                return false;
            return styleOf(etag, complete);
        });
    }),
    conditionalDelete: client => withTrialObject(client, async (object) => {
        const etag = await object.put('a');
        return styleOf(etag, condition => object.acceptsDelete(condition));
    }),
    copySourceIfMatch: client => withTwo(client, async (source, target) => {
        const etag = await source.put('a');
        return styleOf(etag, ({ ifMatch }) => target.acceptsCopy(source, ['x-amz-copy-source-if-match', ifMatch]));
    }),
    conditionalCopy: client => withTwo(client, async (source, target) => {
        await source.put('a');
        const etag = await target.put('b');
        const copies = (...headers) => target.acceptsCopy(source, ['x-amz-metadata-directive', 'REPLACE', ...headers]);
        if (await copies('if-none-match', '*'))
            return false;
        return styleOf(etag, ({ ifMatch }) => copies('if-match', ifMatch));
    }),
    keepsUnderscores: client => withTrialObject(client, async (object) => {
        const name = 'x-amz-meta-under_score';
        await object.put('a', [name, 'kept']);
        return object.send({ method: 'HEAD' }, answer => answer.headers.get(name) === 'kept');
    }),
    copiesTags: client => unlessDenied(withTwo(client, async (source, target) => {
        await source.put('a', TAGGED);
        await target.acceptsCopy(source, ['x-amz-metadata-directive', 'REPLACE']);
        return isTagged(client, target);
    })),
    multipartTags: client => unlessDenied(withTrialObject(client, object => object.withPart(async (complete) => {
        await complete({});
        return isTagged(client, object);
    }, TAGGED))),
    etagIsMd5: client => withTrialObject(client, async (object) => (await object.put('a')) === hash('md5', 'a', 'hex')),
};
/** All that there is to find out. */
export const FEATURES = Object.keys(trials);
const TAGGED = ['x-amz-tagging', 'tagged=yes'];
async function isTagged(client, object) {
    return 'tagged' in (await fetchTags(client, object.key, { op: 'trial' }));
}
function withTwo(client, work) {
    return withTrialObject(client, source => withTrialObject(client, target => work(source, target)));
}
/** A trial of tags. Credentials that may not use them have none to lose. */
async function unlessDenied(trial) {
    try {
        return await trial;
    }
    catch (error) {
        if (StorageError.is(error, 'PERMISSION_DENIED') || StorageError.is(error, 'UNSUPPORTED'))
            return true;
        throw error;
    }
}
//# sourceMappingURL=trials.js.map