import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
/** Knows of every connection whether a request is under way on it, so that closing can wait for those alone. */
export declare class Connections {
    #private;
    add(socket: Socket): void;
    /** Notes that a request began; the response's end is its end. */
    begin(socket: Socket, response: ServerResponse): void;
    isBusy(socket: Socket): boolean;
    /**
     * Ends idle connections at once and the others after their request, at the latest after `drainMs`.
     * @returns how many were cut off
     */
    drain(drainMs: number): Promise<number>;
}
