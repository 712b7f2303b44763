import type { DrillProgress } from '../operations/drill/drill.js';
/** The line that tells how far a drill is. */
export declare function drillLine(progress: DrillProgress): string;
