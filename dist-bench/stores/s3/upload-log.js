export {};
//# sourceMappingURL=upload-log.js.map