import { type Check } from './findings.js';
import type { BucketPatient } from './patient.js';
/** How long the bucket takes. */
export declare const SPEED_CHECKS: readonly Check<BucketPatient>[];
