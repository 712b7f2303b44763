import { type Check } from './findings.js';
import type { BucketPatient } from './patient.js';
/** Whether these credentials reach this bucket, and may do each thing that Holdfast does. */
export declare const ACCESS_CHECKS: readonly Check<BucketPatient>[];
