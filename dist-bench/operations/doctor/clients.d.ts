import { type Check, type Verdict } from './findings.js';
import type { BucketPatient } from './patient.js';
/** Whether those who are given a URL can use it: each is fetched for real, as a browser would. */
export declare const CLIENT_CHECKS: readonly Check<BucketPatient>[];
/** Whether Holdfast's own server is where its signed URLs lead. It need not be running when this is asked. */
export declare function examineOwnUrl({ config }: Pick<BucketPatient, 'config'>): Promise<Verdict | undefined>;
