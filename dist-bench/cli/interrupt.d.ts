/** Turns the first signal to end into an aborted AbortSignal; the second, or five seconds, ends the process. */
export declare class Interrupt {
    #private;
    constructor();
    get signal(): AbortSignal;
    /** Leaves signals alone again. */
    dispose(): void;
}
