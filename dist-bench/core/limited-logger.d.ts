import { type Logger } from './logger.js';
/** A logger that keeps floods out, and can be told to say at once what it left out. */
export interface LimitedLogger extends Logger {
    flush(): void;
}
/**
 * Lets five lines a minute through on each subject, and then tells how many were left out: what fails a thousand
 * times for one reason is one thing to know. The subject of a line is its level and its text up to the first colon,
 * so a message begins with what happened, and names the particulars after it. `debug` is not limited.
 */
export declare function limitLines(logger: Logger): LimitedLogger;
