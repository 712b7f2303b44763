/**
 * A turn of the event loop to wait for, where its last one given here is too long ago. Operations that need neither
 * input nor output settle within the turn in which they are called: a caller who waits in a loop for a file to
 * appear would keep every timer and socket of the process waiting, and so the file.
 */
export declare function nextTurn(): Promise<void> | undefined;
