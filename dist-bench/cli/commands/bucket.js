import { EXIT, usageError } from '../failure.js';
import { printable } from '../output.js';
import { table } from '../wording.js';
/** Shows how the configured bucket is set up, and sets it up. */
export async function bucket(context, action, value, options) {
    checkUsage(action, value, options);
    const { Bucket } = await import('../../operations/bucket.js');
    const opened = new Bucket(context.config());
    try {
        switch (action) {
            case 'show':
                return await show(context, opened);
            case 'create':
                return await create(context, opened, options);
            case 'versioning':
                return await versioning(context, opened, value);
            case 'cors':
                return await cors(context, opened, options);
        }
    }
    finally {
        await opened.close();
    }
}
function checkUsage(action, value, options) {
    if (value !== undefined && (action !== 'versioning' || !/^(?:on|off)$/.test(value))) {
        throw usageError(action === 'versioning'
            ? `Accepted after "bucket versioning": on, off, or nothing; got ${value}.`
            : `"bucket ${action}" takes no names: the bucket is the configured one.`);
    }
    const only = (name, of, given) => {
        if (given !== undefined && action !== of)
            throw usageError(`--${name} is of "bucket ${of}".`);
    };
    only('versioning', 'create', options.versioning);
    only('allow-public', 'create', options.allowPublic);
    only('origin', 'cors', options.origin);
    only('remove', 'cors', options.remove);
    if (options.origin !== undefined && options.remove)
        throw usageError('Give --origin or --remove, not both.');
}
async function show({ output }, opened) {
    const setup = await opened.setup();
    await (output.json ? output.object(setup) : output.line(table(rows(setup))));
    return EXIT.ok;
}
function rows(setup) {
    const { bucket, endpoint, publicAccess, versioning, cors } = setup;
    return [
        ['bucket', printable(bucket)],
        ...(endpoint === undefined ? [] : [['endpoint', printable(endpoint)]]),
        ['public access', publicAccess],
        ['versioning', versioning],
        ...(typeof cors === 'string' ? [['cors', cors]] : cors.length === 0 ? [['cors', 'none']] : []),
        ...(typeof cors === 'string' ? [] : cors.map(rule => ['cors', ruleLine(rule)])),
    ];
}
function ruleLine({ id, origins, methods }) {
    return printable(`${methods.join(' ')} from ${origins.join(' ')}${id === undefined ? '' : ` (${id})`}`);
}
async function create({ output }, opened, options) {
    const made = await opened.create(options);
    if (output.json)
        await output.object(made);
    else {
        const { bucket, created, publicAccess, versioning } = made;
        output.note(`${created ? 'Created' : 'Found'} the bucket ${printable(bucket)}.`);
        await output.line(table([
            ['public access', publicAccess],
            ['versioning', versioning],
        ]));
    }
    return EXIT.ok;
}
async function versioning({ output }, opened, value) {
    if (value !== undefined)
        await opened.setVersioning(value === 'on');
    const setup = await opened.setup();
    await (output.json ? output.object({ versioning: setup.versioning }) : output.line(setup.versioning));
    return EXIT.ok;
}
async function cors({ output }, opened, options) {
    const { origin, remove } = options;
    const rules = origin !== undefined || remove ? await opened.allowOrigins(origin ?? []) : (await opened.setup()).cors;
    if (typeof rules === 'string')
        output.say(`The rules of the bucket cannot be read: ${rules}.`);
    else {
        for (const rule of rules)
            await (output.json ? output.object(rule) : output.line(ruleLine(rule)));
        if (rules.length === 0)
            output.note('The bucket has no CORS rules.');
    }
    return typeof rules === 'string' ? EXIT.failed : EXIT.ok;
}
//# sourceMappingURL=bucket.js.map