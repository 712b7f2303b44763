import type { Area, Finding } from '../../operations/doctor/findings.js'
import type { Context } from '../context.js'
import { EXIT } from '../failure.js'
import { type Output, printable } from '../output.js'
import { StatusLine } from '../status-line.js'
import { counted } from '../wording.js'

/** Examines the configured storage, and says point by point what is right and how to mend what is not. */
export async function doctor(context: Context): Promise<number> {
  const { output, signal } = context
  const { diagnose } = await import('../../operations/doctor/doctor.js')
  const config = context.config()
  const line = new StatusLine(output)
  const counts: Record<Finding['state'], number> = { good: 0, notice: 0, fault: 0, skipped: 0 }
  const misspelt = context.unknownVariables()
  const page = new Page(output)
  try {
    for await (const finding of diagnose({ config, signal })) {
      counts[finding.state]++
      await (output.json ? output.object(finding) : page.add(finding))
      line.show(`${TITLES[finding.area]}: examining …`)
    }
    await page.end()
  } finally {
    line.stop()
  }
  for (const name of misspelt) output.warn(`${name} is not a variable of Holdfast, and is ignored.`)
  if (output.json) await output.object({ summary: counts })
  else output.note(`\n${summary(counts)}`)
  return counts.fault > 0 ? EXIT.different : EXIT.ok
}

const TITLES: Readonly<Record<Area, string>> = {
  endpoint: 'The way to the object store',
  access: 'What these credentials may do',
  behaviour: 'What the server does',
  clients: 'What clients can use',
  speed: 'How long it takes',
  folder: 'The storage folder',
  spool: 'What waits',
  inspection: 'The inspection of uploads',
}

/** Findings as people read them: by area, and what could not be examined in one line. */
class Page {
  readonly #output: Output
  #area: Area | undefined
  #skipped: string[] = []

  constructor(output: Output) {
    this.#output = output
  }

  async add(finding: Finding): Promise<void> {
    const { paint } = this.#output
    if (finding.area !== this.#area) {
      await this.end()
      const gap = this.#area === undefined ? '' : '\n'
      await this.#output.line(`${gap}${paint.bold(TITLES[finding.area])}`)
      this.#area = finding.area
    }
    if (finding.state === 'skipped') this.#skipped.push(finding.check)
    else await this.#output.line(text(finding, paint))
  }

  async end(): Promise<void> {
    if (this.#skipped.length === 0) return
    await this.#output.line(this.#output.paint.dim(`  -        not examined: ${this.#skipped.join(', ')}`))
    this.#skipped = []
  }
}

function text({ check, state, says, remedy, code }: Finding, paint: Output['paint']): string {
  const mark = {
    good: paint.green('ok'.padEnd(7)),
    notice: paint.yellow('notice'.padEnd(7)),
    fault: paint.red('FAULT'.padEnd(7)),
    skipped: '',
  }[state]
  const named = code === undefined ? '' : paint.dim(` (${code})`)
  const first = `  ${mark}  ${check.padEnd(15)}  ${printable(says)}${named}`
  return remedy === undefined ? first : `${first}\n${' '.repeat(28)}${paint.cyan('→')} ${printable(remedy)}`
}

function summary({ good, notice, fault, skipped }: Record<Finding['state'], number>): string {
  if (fault === 0 && notice === 0) return `All is well: ${good} points examined.`
  const parts = [counted(fault, 'fault'), counted(notice, 'notice'), `${good} good`]
  return `${parts.join(', ')}${skipped > 0 ? `, ${skipped} not examined` : ''}.`
}
