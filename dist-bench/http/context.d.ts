import type { Access } from './access.js';
import type { HttpStorage, Settings } from './options.js';
import type { Readiness } from './readiness.js';
import type { Traffic } from './traffic.js';
import type { Verdicts } from './verdicts.js';
/** What every route works with. */
export interface Context {
    readonly storage: HttpStorage;
    readonly settings: Settings;
    readonly access: Access;
    readonly readiness: Readiness;
    readonly traffic: Traffic;
    readonly verdicts: Verdicts;
}
