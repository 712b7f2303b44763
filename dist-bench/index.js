export { activeProvider, infrastructureConfig, loadConfig, } from './config.js';
export { StorageError } from './core/errors.js';
export { compareUtf8, encodeKey, isKey, parseKey } from './core/key.js';
export { newKey } from './core/new-key.js';
export { generatePresignedUrl, getStorageMetrics, getStorageService, StorageService, uploadCompressed, } from './service.js';
export { MemoryStore } from './stores/memory.js';
//# sourceMappingURL=index.js.map