import { EXIT } from '../failure.js';
import { printable } from '../output.js';
import { StatusLine } from '../status-line.js';
import { number, table } from '../wording.js';
/** Runs the conformance suite over the configured bucket, and prints how compatible it is. */
export async function testEndpoint(context, options) {
    const { output, signal } = context;
    const config = context.config();
    const { tryEndpoint } = await import('../../testing/try-endpoint.js');
    const line = new StatusLine(output);
    const groups = new Map();
    let start;
    let done = 0;
    try {
        for await (const outcome of tryEndpoint({
            config,
            keyPrefix: options.prefix,
            seed: options.seed,
            signal,
            onStart: told => {
                start = told;
            },
        })) {
            const group = groups.get(outcome.group) ?? [];
            group.push(outcome);
            groups.set(outcome.group, group);
            if (output.json)
                await output.object(outcome);
            line.show(`${number(++done)} of ${number(start?.checks ?? 0)} checks  ${outcome.group}`);
        }
    }
    finally {
        line.stop();
    }
    const all = [...groups.values()].flat();
    const failed = all.filter(({ outcome }) => outcome === 'failed');
    if (output.json) {
        const { capabilities, seed } = start ?? {};
        await output.object({ summary: { ...counts(all), capabilities, seed } });
    }
    else if (start !== undefined)
        await output.line(report(start, groups, failed));
    return failed.length > 0 ? EXIT.different : EXIT.ok;
}
function counts(outcomes) {
    const found = { passed: 0, failed: 0, skipped: 0 };
    for (const { outcome } of outcomes)
        found[outcome]++;
    return found;
}
/** Of why a check failed; `--json` has all of it. */
const MAX_LINES = 12;
const NAMES = {
    conditionalPut: 'conditional uploads',
    conditionalMultipart: 'conditional uploads in parts',
    conditionalDelete: 'conditional deletes',
    presign: 'presigned URLs',
    tags: 'tags',
    storageClasses: 'storage classes',
};
function report(start, groups, failed) {
    const able = Object.entries(NAMES).map(([name, shown]) => [
        shown,
        start.capabilities[name] ? 'yes' : 'no',
    ]);
    const rows = Array.from(groups, ([group, outcomes]) => {
        const { passed, failed, skipped } = counts(outcomes);
        const more = [failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} not supported`];
        return [group, `${passed} of ${outcomes.length}`, more.filter(text => text !== false).join(', ')];
    });
    const endings = failed.map(({ group, check, reason = '' }) => {
        const lines = reason.split('\n').slice(0, MAX_LINES);
        return [`${group}: ${check}`, ...lines.map(line => `    ${printable(line)}`)].join('\n');
    });
    return [
        `${printable(start.endpoint ?? 'Amazon S3')}, bucket ${printable(start.bucket)}`,
        table(able),
        table(rows),
        ...(failed.length === 0
            ? [`Everything that Holdfast asks of an S3 server works here.`]
            : [`Failed (seed ${start.seed}):`, ...endings]),
    ].join('\n\n');
}
//# sourceMappingURL=test-endpoint.js.map