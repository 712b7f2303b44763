import { setImmediate } from 'node:timers';
/** How long operations may follow one another, in milliseconds, before the event loop gets a turn. */
const TURN_MS = 10;
let last = performance.now();
/**
 * A turn of the event loop to wait for, where its last one given here is too long ago. Operations that need neither
 * input nor output settle within the turn in which they are called: a caller who waits in a loop for a file to
 * appear would keep every timer and socket of the process waiting, and so the file.
 */
export function nextTurn() {
    return performance.now() - last > TURN_MS ? turn() : undefined;
}
function turn() {
    return new Promise(resolve => {
        setImmediate(() => {
            last = performance.now();
            resolve();
        });
    });
}
//# sourceMappingURL=turn.js.map