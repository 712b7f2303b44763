import type { IncomingMessage, ServerResponse } from 'node:http';
/** Passes an answer on as it comes. */
export declare function passAnswer(answer: IncomingMessage, response: ServerResponse): void;
/** Half of the answer: then nothing more comes, or the connection is cut. */
export declare function halfAnswer(answer: IncomingMessage, response: ServerResponse, end: 'stall' | 'cut'): Promise<void>;
/** The answer, head and all, at so many bytes a second. */
export declare function trickleAnswer(answer: IncomingMessage, response: ServerResponse, bytesPerSecond: number): Promise<void>;
