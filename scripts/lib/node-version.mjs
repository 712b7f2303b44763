// Read by Nodes far older than those that run Holdfast, like scripts/setup.mjs: no imports here, and no
// syntax younger than modules themselves.

/** The oldest Node that runs Holdfast: "engines" in package.json. */
export const OLDEST_NODE = '20.19.0'

/**
 * What to tell somebody whose Node is too old.
 * @param {string} version such as `v18.20.4`
 * @returns {string} one sentence, or '' if this version will do
 */
export function nodeVersionProblem(version) {
  const have = version.replace(/^v/, '').split('.').map(Number)
  const need = OLDEST_NODE.split('.').map(Number)
  const older = have[0] < need[0] || (have[0] === need[0] && have[1] < need[1])
  return older
    ? `Holdfast needs Node ${need[0]}.${need[1]} or newer, and this is Node ${have.join('.')}.`
    : ''
}
