import type { Versions } from '../core/versions.js';
import { type Context } from './context.js';
/**
 * The versions that a primary keeps. Nothing of them is here: while it is away they are `UNAVAILABLE`. And of a key
 * that the journal holds none is removed: what is current at the primary may not be what is current.
 */
export declare function primaryVersions(context: Context, versions: Versions): Versions;
