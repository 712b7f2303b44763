import type { Transform } from 'node:stream';
import type { Encoding } from '../core/compression.js';
/** @throws StorageError `UNSUPPORTED` where this version of Node has no such codec */
export declare function requireCodec(encoding: Encoding): void;
/** A stream that compresses. @throws StorageError `UNSUPPORTED` */
export declare function createEncoder(encoding: Encoding): Transform;
/** A stream that gives back what was compressed. @throws StorageError `UNSUPPORTED` */
export declare function createDecoder(encoding: Encoding): Transform;
