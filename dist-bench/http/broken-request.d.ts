import type { Socket } from 'node:net';
/**
 * Answers what node:http could not read as a request, and ends the connection. While another request is under way on
 * it, an answer would be taken for that one's: then it is only cut.
 */
export declare function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket, busy: boolean): void;
