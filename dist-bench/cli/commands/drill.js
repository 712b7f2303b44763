import { drillLine } from '../drill-line.js';
import { EXIT } from '../failure.js';
import { printable } from '../output.js';
import { StatusLine } from '../status-line.js';
import { duration, number, table } from '../wording.js';
/** Rehearses outages of the configured object store, and tells what came of them. */
export async function drill(context, options) {
    const { output, signal } = context;
    const { runDrill } = await import('../../operations/drill/drill.js');
    const { seconds, rate, scenario, seed, timeout } = options;
    const line = new StatusLine(output);
    let last = '';
    const onProgress = (progress) => {
        line.show(drillLine(progress));
        if (progress.scenario === last || output.isWatched)
            return;
        last = progress.scenario;
        output.note(`Rehearsing ${last} (${progress.number} of ${progress.of}).`);
    };
    try {
        const report = await runDrill({
            config: context.config(),
            seconds,
            rate,
            scenarios: scenario,
            seed,
            convergeSeconds: timeout,
            signal,
            onProgress,
        });
        line.stop();
        await (output.json ? output.object(report) : output.write(text(report)));
        if (report.leftBehind !== undefined)
            output.warn(report.leftBehind);
        if (report.passed)
            return report.leftBehind === undefined ? EXIT.ok : EXIT.partial;
        return EXIT.different;
    }
    finally {
        line.stop();
    }
}
function text(report) {
    const lines = [
        table([HEADINGS, ...report.scenarios.map(row), total(report)]),
        '',
        ...report.scenarios.flatMap(details),
        verdict(report),
        `Seed ${report.seed}, ${report.rate} operations a second, ${report.provider} bucket ${report.bucket} at ${report.endpoint}.`,
    ];
    if (report.evidence !== undefined) {
        lines.push(`The record of what was acknowledged and the log of the storage are in ${report.evidence}.`);
    }
    return `${lines.join('\n')}\n`;
}
const HEADINGS = [
    'outage',
    'acknowledged',
    'failed',
    'lost',
    'resurrected',
    'shadowed',
    'partial',
    'longest stall',
    'converged in',
];
function row(report) {
    return cells(report.scenario, report);
}
function total(report) {
    return cells('all', report);
}
function cells(name, figures) {
    const { acknowledged, failed, lost, resurrected, shadowed, partial, longestStallMs, convergeMs } = figures;
    return [
        name,
        ...[acknowledged, failed, lost, resurrected, shadowed, partial].map(number),
        duration(longestStallMs / 1000),
        convergeMs === null ? 'not in time' : duration(convergeMs / 1000),
    ];
}
/** What is worth a line of its own: every difference, and why uploads failed. */
function details({ scenario, failures, findings }) {
    const failed = Object.entries(failures).map(([code, count]) => `${number(count)} ${code}`);
    return [
        ...(failed.length === 0 ? [] : [`${scenario}: not acknowledged: ${failed.join(', ')}.`]),
        ...findings.map(({ kind, key, where, expected, found }) => `${scenario}: ${kind} (${where}): ${printable(key)}: expected ${expected}; found ${found}.`),
    ];
}
function verdict({ passed, scenarios, failed, acknowledged }) {
    const compared = scenarios.reduce((sum, report) => sum + report.compared, 0);
    if (passed) {
        return `Passed: nobody noticed. ${number(acknowledged)} writes acknowledged; ${number(compared)} objects compared byte for byte.`;
    }
    const late = scenarios.filter(report => report.convergeMs === null).map(report => report.scenario);
    const reasons = [
        ...(failed > 0 ? [`${number(failed)} writes failed`] : []),
        ...(scenarios.some(report => report.findings.length > 0)
            ? ['the bucket or a reader had something else than what was acknowledged']
            : []),
        ...(late.length > 0 ? [`not everything arrived in time (${late.join(', ')})`] : []),
    ];
    return `NOT passed: ${reasons.join('; ')}.`;
}
//# sourceMappingURL=drill.js.map