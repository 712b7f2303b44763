/** A command line as a completion script knows it. */
export interface Tree {
    readonly name: string;
    /** What every verb takes. */
    readonly flags: readonly Flag[];
    readonly verbs: readonly Verb[];
}
export interface Verb {
    readonly name: string;
    readonly description: string;
    readonly flags: readonly Flag[];
    /** What its first argument can be, if that is one of a few words. */
    readonly choices: readonly string[];
}
export interface Flag {
    /** With its dashes, as are all of a flag's names. */
    readonly long: string;
    readonly short: string | undefined;
    readonly description: string;
    readonly takesValue: boolean;
    /** What its value can be, if that is one of a few words. */
    readonly choices: readonly string[];
}
/** A completion script for bash. Where it knows no word, bash offers files. */
export declare function bashScript({ name, flags, verbs }: Tree): string;
/** A completion script for zsh, to be sourced after compinit, or kept as \`_<name>\` in a folder of \`$fpath\`. */
export declare function zshScript({ name, flags, verbs }: Tree): string;
/** A completion script for fish. */
export declare function fishScript({ name, flags, verbs }: Tree): string;
