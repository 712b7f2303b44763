import type { Node } from 'yaml';
/** Something wrong in a file, and where. */
export interface Complaint {
    /** Such as `rules[1].expire`. */
    readonly path: string;
    /** From 1. */
    readonly line: number;
    readonly column: number;
    readonly message: string;
}
type Yaml = typeof import('yaml');
/** A file that is read: what was found wrong with it is gathered, so that all of it is told at once. */
export declare class YamlFile {
    #private;
    readonly complaints: Complaint[];
    constructor(yaml: Yaml, text: string);
    /** The value that the file holds. */
    get root(): YamlValue;
    /** @internal */
    complain(value: YamlValue, message: string): void;
    /** @internal What an alias stands for; another node itself. */
    resolve(node: Node | undefined): Node | undefined;
    /** @internal */
    get yaml(): Yaml;
}
/** A value in the file. Asked for what it must be, it answers with that, or complains and answers undefined. */
export declare class YamlValue {
    #private;
    readonly path: string;
    readonly offset: number;
    /** @param offset where the value would stand, if there is none */
    constructor(file: YamlFile, path: string, node: Node | undefined, offset: number);
    /** Says what is wrong with the value; `accepted` says what would be right. */
    refuse(accepted: string): undefined;
    /** Says what is wrong, in other words. */
    complain(message: string): undefined;
    /** A mapping's values by their names, none of another name than these; undefined also where it has only others. */
    mapping<N extends string>(names: readonly N[]): Partial<Record<N, YamlValue>> | undefined;
    /** A mapping's names and values. */
    entries(accepted: string): [string, YamlValue][] | undefined;
    list(accepted: string): YamlValue[] | undefined;
    text(accepted: string, isValid: (text: string) => boolean): string | undefined;
    whole(min: number, max: number): number | undefined;
    boolean(): boolean | undefined;
    /** Text, a number, a boolean or null, as YAML 1.2 has them; undefined where it is none of them. */
    get scalar(): unknown;
}
export {};
