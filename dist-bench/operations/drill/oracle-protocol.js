export {};
//# sourceMappingURL=oracle-protocol.js.map