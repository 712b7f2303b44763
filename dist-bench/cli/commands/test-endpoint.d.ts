import type { Context } from '../context.js';
/** The options of `holdfast test-endpoint`. */
export interface TestEndpointOptions {
    readonly prefix?: string;
    readonly seed?: number;
}
/** Runs the conformance suite over the configured bucket, and prints how compatible it is. */
export declare function testEndpoint(context: Context, options: TestEndpointOptions): Promise<number>;
