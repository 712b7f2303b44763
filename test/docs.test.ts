import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { VARIABLES, type Variable } from '../src/config.js'

/** The table of variables as the README shows it; `UPDATE_DOCS=1 npm test -- test/docs.test.ts` writes it. */
function variableTable(): string {
  const rows = Object.values(VARIABLES).map((variable: Variable) => {
    const names = [variable.name, ...(variable.aliases ?? [])].map(name => `\`${name}\``).join(' or ')
    const { default: fallback, accepts, description } = variable
    const shown =
      fallback === undefined || (Array.isArray(fallback) && fallback.length === 0)
        ? ''
        : `\`${String(fallback)}\``
    return `| ${names} | ${shown} | ${description} Accepts ${accepts}. |`
  })
  return ['| Variable | Default | |', '|---|---|---|', ...rows].join('\n')
}

describe('the README', () => {
  it('has the table of variables that the code has', async () => {
    const path = new URL('../README.md', import.meta.url)
    const readme = await readFile(path, 'utf8')
    const expected = readme.replace(
      /(<!-- variables -->\n)[\s\S]*?(<!-- \/variables -->)/,
      (_, open: string, close: string) => `${open}${variableTable()}\n${close}`,
    )
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(path, expected)
    expect(await readFile(path, 'utf8')).toBe(expected)
  })
})
