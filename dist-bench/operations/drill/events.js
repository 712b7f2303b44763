/** How storage can betray what it acknowledged. */
export const DIFFERENCES = ['lost', 'resurrected', 'shadowed', 'partial'];
//# sourceMappingURL=events.js.map