import { writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'

/** What a run left behind for scripts/test.mjs. */
export interface Results {
  passed: number
  failed: number
  skipped: number
  /** Failures that no test stands for: a file that does not load, an error outside every test. */
  problems: string[]
  /** Every failed test with the first line of what it failed with. */
  failures: { name: string; message: string }[]
  /** Every skipped test with its reason. */
  skips: { name: string; reason: string }[]
  /** Whether the run came to its end. */
  finished: boolean
}

/**
 * Counts tests into a JSON file, written anew after every test file so that a crash leaves what was known.
 * A skip without a reason is a failure: give one with `ctx.skip(reason)` or `describeUnless`. Tests that
 * `-t` leaves out are not counted.
 */
export class ResultsReporter implements Reporter {
  readonly #path: string
  readonly #results: Results = {
    passed: 0,
    failed: 0,
    skipped: 0,
    problems: [],
    failures: [],
    skips: [],
    finished: false,
  }
  #filtered = false

  constructor(path: string) {
    this.#path = path
  }

  onInit(vitest: Vitest): void {
    this.#filtered = vitest.config.testNamePattern !== undefined
    this.#write()
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state === 'passed') this.#results.passed++
    else if (result.state === 'failed') this.#failed(test, result.errors)
    else if (result.state === 'skipped') this.#skipped(test, result.note)
  }

  onTestSuiteResult(suite: TestSuite): void {
    this.#suiteErrors(`${suite.module.relativeModuleId} > ${suite.fullName}`, suite.errors())
  }

  onTestModuleEnd(module: TestModule): void {
    this.#suiteErrors(module.relativeModuleId, module.errors())
    this.#write()
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    this.#suiteErrors('outside every test', errors)
    this.#results.finished = true
    this.#write()
  }

  #failed(test: TestCase, errors: readonly { message: string }[]): void {
    this.#results.failed++
    const message = stripVTControlCharacters(errors[0]?.message ?? '').split('\n', 1)[0] ?? ''
    this.#results.failures.push({ name: nameOf(test), message })
  }

  #skipped(test: TestCase, note: string | undefined): void {
    const name = nameOf(test)
    if (note !== undefined && note !== '') {
      this.#results.skipped++
      this.#results.skips.push({ name, reason: note })
    } else if (!this.#filtered) {
      this.#problem(`${name}: skipped without a reason`)
    }
  }

  #suiteErrors(where: string, errors: readonly SerializedError[]): void {
    for (const error of errors) this.#problem(`${where}: ${error.message}`)
  }

  #problem(text: string): void {
    this.#results.problems.push(text)
  }

  #write(): void {
    writeFileSync(this.#path, JSON.stringify(this.#results))
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`
}
