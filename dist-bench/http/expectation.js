const awaiting = new WeakSet();
/** Notes that the client waits for `100 Continue` before it sends the body (RFC 9110, section 10.1.1). */
export function expectContinue(request) {
    awaiting.add(request);
}
/**
 * Whether the client still waits for `100 Continue`. Never under a server that sends it by itself, as node:http does
 * without a `checkContinue` listener.
 */
export function awaitsContinue(request) {
    return awaiting.has(request);
}
/** Asks a client that waits to send its body. */
export function sendContinue(request, response) {
    if (awaiting.delete(request))
        response.writeContinue();
}
//# sourceMappingURL=expectation.js.map