/** Whether one outage passed without a trace. */
export function isFlawless(report) {
    return report.failed === 0 && report.convergeMs !== null && differencesOf(report) === 0;
}
/** Keys that were not as acknowledged. */
export function differencesOf(report) {
    return report.lost + report.resurrected + report.shadowed + report.partial;
}
/** Adds the scenarios up. */
export function totalsOf(scenarios) {
    const sum = (of) => scenarios.reduce((total, report) => total + of(report), 0);
    const times = scenarios.map(report => report.convergeMs);
    return {
        acknowledged: sum(report => report.acknowledged),
        failed: sum(report => report.failed),
        lost: sum(report => report.lost),
        resurrected: sum(report => report.resurrected),
        shadowed: sum(report => report.shadowed),
        partial: sum(report => report.partial),
        longestStallMs: Math.max(0, ...scenarios.map(report => report.longestStallMs)),
        convergeMs: times.includes(null) ? null : Math.max(0, ...times.map(Number)),
    };
}
//# sourceMappingURL=report.js.map