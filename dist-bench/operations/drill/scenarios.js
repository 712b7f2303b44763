/** A request that is held back lands between these. Milliseconds. */
export const GHOST_MS = { min: 1_000, max: 8_000 };
const FLAP = { minMs: 1_000, maxMs: 5_000 };
const ALL = [
    { name: 'refuse', summary: 'refuses every connection', weather: only({ fault: { kind: 'refuse' } }) },
    {
        name: 'hang',
        summary: 'takes requests and says nothing',
        weather: only({ fault: { kind: 'hang' } }),
        silent: true,
    },
    {
        name: 'slow-down',
        summary: 'answers 503 SlowDown to most requests',
        weather: only({ fault: { kind: 'error', status: 503 }, rate: 0.7 }),
    },
    {
        name: 'cut',
        summary: 'cuts connections in the middle of a file',
        weather: only({ fault: { kind: 'cut', where: 'request' }, rate: 0.3, of: 'writes' }, { fault: { kind: 'cut', where: 'answer' }, rate: 0.3 }),
    },
    {
        name: 'lost-answers',
        summary: 'does what it is asked and does not say so; some requests land late',
        weather: only({ fault: { kind: 'ghost', minMs: GHOST_MS.min, maxMs: GHOST_MS.max }, rate: 0.3, of: 'writes' }, { fault: { kind: 'lose-answer' }, rate: 0.2, of: 'writes' }),
        ghosts: true,
    },
    {
        name: 'bad-credentials',
        summary: 'does not know the access key any more',
        weather: only({ fault: { kind: 'bad-credentials' } }),
    },
    {
        name: 'flapping',
        summary: 'comes and goes every few seconds',
        weather: {
            phases: [
                { rules: [{ fault: { kind: 'refuse' } }], ...FLAP },
                { rules: [], ...FLAP },
                { rules: [{ fault: { kind: 'error', status: 500 }, rate: 0.5 }], ...FLAP },
                { rules: [], ...FLAP },
                { rules: [{ fault: { kind: 'reset' }, rate: 0.5 }], ...FLAP },
                { rules: [], ...FLAP },
            ],
        },
    },
    {
        name: 'stall',
        summary: 'stands still in the middle of a file',
        weather: only({ fault: { kind: 'stall', where: 'request' }, of: 'writes' }, { fault: { kind: 'stall', where: 'answer' }, of: 'reads' }),
        silent: true,
    },
    {
        name: 'trickle',
        summary: 'answers one byte a second',
        weather: only({ fault: { kind: 'trickle' } }),
        silent: true,
    },
    {
        name: 'errors',
        summary: 'answers 500, 502 or 504 to a third of the requests',
        weather: only({ fault: { kind: 'error', status: 500 }, rate: 0.12 }, { fault: { kind: 'error', status: 502 }, rate: 0.12 }, { fault: { kind: 'error', status: 504 }, rate: 0.12 }),
    },
    {
        name: 'portal',
        summary: "is hidden behind somebody else's web page",
        weather: only({ fault: { kind: 'portal', status: 404 }, rate: 0.5 }, { fault: { kind: 'portal', status: 200 } }),
    },
];
/** Every scenario by its name. */
export const SCENARIOS = new Map(ALL.map(scenario => [scenario.name, scenario]));
/** What is rehearsed unless scenarios are named. */
export const USUAL_SCENARIOS = [
    'refuse',
    'hang',
    'slow-down',
    'cut',
    'lost-answers',
    'bad-credentials',
    'flapping',
];
function only(...rules) {
    return { rules };
}
//# sourceMappingURL=scenarios.js.map