import { type Check } from './findings.js';
import type { BucketPatient } from './patient.js';
/** Whether there is an S3 server at the other end, and the way there is sound. Nothing is signed yet. */
export declare const CONNECTION_CHECKS: readonly Check<BucketPatient>[];
/** Milliseconds as people read them. */
export declare function milliseconds(ms: number): string;
