/** The first rule that befalls a request of this method. */
export function befalling(rules, method, random) {
    const kind = method === 'GET' || method === 'HEAD' ? 'reads' : 'writes';
    return rules.find(({ rate = 1, of }) => (of === undefined || of === kind) && random() < rate)?.fault;
}
/** Whether every connection is refused under these rules. */
export function refusesAll(rules) {
    return rules.some(({ fault, rate = 1, of }) => fault.kind === 'refuse' && rate >= 1 && of === undefined);
}
/** What an `error` or a `portal` answers. */
export function answerInPlace(fault) {
    const { status } = fault;
    if (fault.kind === 'portal')
        return page(status, 'Welcome to the guest network. Please sign in.');
    if (status === 502 || status === 504)
        return page(status, 'The upstream server gave no answer.');
    const [code, message] = status === 503 ? ['SlowDown', 'Please reduce your request rate.'] : ['InternalError', 'Please try again.'];
    const requestId = 'FAULTPROXY';
    return {
        status,
        headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`,
    };
}
function page(status, text) {
    const body = `<!doctype html><title>${status}</title><p>${text}</p>`;
    return { status, headers: { 'content-type': 'text/html' }, body };
}
//# sourceMappingURL=faults.js.map