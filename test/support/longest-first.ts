import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/**
 * Files whose length says little about how long they take: they begin first, the longest before the others, so that
 * none is left running alone at the end. Of the others the larger begin first, or those that took longer in the run
 * before.
 */
const LONGEST = [
  'drill-defects',
  'drill',
  'conformance-s3',
  'failover-soak',
  'local-power-loss',
  'cli',
  'drill-command',
  'spool',
  'conformance-real',
  'conformance',
  'detach',
  'http-browser',
  'local-crash',
  'failover-crash',
  'scope',
  'cli-process',
  'cli-secrets',
  'cli-docs',
  'failover-real',
  'failover-network',
].map(name => `/test/${name}.test.ts`)

/** The order in which the files of a run begin. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex(name => moduleId.endsWith(name))
      return index === -1 ? LONGEST.length : index
    }
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || rank(a) - rank(b))
  }
}
