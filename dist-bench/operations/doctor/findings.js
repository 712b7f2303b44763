export function good(says) {
    return { state: 'good', says };
}
export function notice(says, remedy) {
    return { state: 'notice', says, remedy };
}
export function fault(says, remedy, code) {
    return { state: 'fault', says, remedy, ...(code !== undefined && { code }) };
}
//# sourceMappingURL=findings.js.map