// Run before `npm start` and `npm test`: installs the packages that are missing and builds what has changed.
// `--build` builds even if nothing has changed.
import { nodeVersionProblem } from './lib/node-version.mjs'

process.once('exit', code => {
  // Where `npm test` ends here, its last line is the count all the same.
  if (code !== 0 && /^pretest/.test(process.env.npm_lifecycle_event)) console.log('0 passed, 1 failed')
})

const problem = nodeVersionProblem(process.version)
if (problem) {
  console.error(problem)
  process.exitCode = 1
} else {
  import('./lib/prepare.mjs').then(({ main }) => main(process.argv.slice(2)))
}
