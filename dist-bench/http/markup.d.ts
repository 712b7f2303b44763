/** HTML that may be sent as it is. */
export interface Markup {
    readonly markup: string;
}
type Part = string | Markup | readonly Markup[];
/** HTML from a template: what is put in is text, and escaped, unless it is {@link Markup} already. */
export declare function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup;
/** Text as HTML, in an element or in a quoted attribute. */
export declare function escapeHtml(text: string): string;
export {};
