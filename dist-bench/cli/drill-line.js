import { number } from './wording.js';
const PHASES = {
    working: 'all is well',
    outage: 'the store is failing',
    returning: 'the store is back',
    converging: 'bringing over what it missed',
    settling: 'waiting for late requests',
    comparing: 'comparing byte for byte',
    cleaning: 'removing what was written',
};
/** The line that tells how far a drill is. */
export function drillLine(progress) {
    const { scenario, phase, number: at, of, acknowledged, failed, pending } = progress;
    const counts = `${number(acknowledged)} acknowledged, ${number(failed)} failed, ${number(pending)} pending`;
    return `${at} of ${of}  ${scenario}: ${PHASES[phase]}  ${counts}`;
}
//# sourceMappingURL=drill-line.js.map