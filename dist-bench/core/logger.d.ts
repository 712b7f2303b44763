/** Where Holdfast reports what an operator may want to know: a pino logger fits as it is. */
export interface Logger {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
}
/** Says nothing: what the library uses unless a logger is given. */
export declare const silentLogger: Logger;
