import { type Check } from './findings.js';
import type { BucketPatient } from './patient.js';
/** What the server, and whatever stands before it, does with what it is sent. */
export declare const BEHAVIOUR_CHECKS: readonly Check<BucketPatient>[];
