/** HTML that may be sent as it is. */
export interface Markup {
  readonly markup: string
}

type Part = string | Markup | readonly Markup[]

/** HTML from a template: what is put in is text, and escaped, unless it is {@link Markup} already. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let markup = literals[0] ?? ''
  for (const [index, part] of parts.entries()) markup += markupOf(part) + (literals[index + 1] ?? '')
  return { markup }
}

function markupOf(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part)
  return 'markup' in part ? part.markup : part.map(item => item.markup).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, found => ENTITIES[found] ?? found)
}
