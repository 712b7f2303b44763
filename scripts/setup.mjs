// Run before `npm start` and `npm test`: installs the packages that are missing and builds what has changed.
// `--build` builds even if nothing has changed.
import { nodeVersionProblem } from './lib/node-version.mjs'

const problem = nodeVersionProblem(process.version)
if (problem) {
  console.error(problem)
  if (process.env.npm_lifecycle_event === 'pretest') console.log('0 passed, 1 failed')
  process.exitCode = 1
} else {
  import('./lib/prepare.mjs').then(module => module.main(process.argv.slice(2)))
}
