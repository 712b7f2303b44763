/** Where process numbers mean something: one boot of one machine, and one PID namespace (container) of it. */
export interface PidSpace {
    readonly boot: string;
    readonly namespace: string;
}
/** This process's own PID space. Where the system does not tell (not Linux), one word stands for all. */
export declare function ownPidSpace(): PidSpace;
/** Names this boot of the machine; undefined where the system does not tell. */
export declare function bootId(): string | undefined;
/** What all copies of this package in one thread have in common under a name. */
export declare function shared<T>(name: string, make: () => T): T;
/**
 * A new id for one opening of a folder by this process: `<boot>.<namespace>.<pid>.<start>.<thread>.<random>`.
 * Good as a file name, never given twice, and enough to find out later whether its holder still lives.
 */
export declare function newProcessId(space: PidSpace): string;
/** Says that the holder of an id of this process has ended, as if the process had. */
export declare function endProcessId(id: string): void;
/** The number of the process that an id names. */
export declare function pidOf(id: string): number;
/**
 * Whether the holder of an id is known to have ended. The lease admits one PID space at a time, so whoever
 * is of another one has.
 */
export declare function isKnownDead(id: string, space: PidSpace): boolean;
