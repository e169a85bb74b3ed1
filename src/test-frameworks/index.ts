import type { TestPlan } from '../model/index.ts'
import { ava } from './ava.ts'
import { jasmine } from './jasmine.ts'
import { jest } from './jest.ts'
import { mocha } from './mocha.ts'
import { nodeTestFramework } from './node-test.ts'
import { tap } from './tap.ts'
import { tape } from './tape.ts'
import type { Invocation, ProjectView, TestFramework } from './types.ts'
import { vitest } from './vitest.ts'

export { reportersFolder } from './launch.ts'
export type * from './types.ts'

/** One line a framework. Those that are started by plain `node` come last: they must look into the files to know. */
export const testFrameworks: readonly TestFramework[] = [vitest, jest, mocha, ava, jasmine, tap, tape, nodeTestFramework]

/** The framework of this name; undefined for a plan made by a newer version of Quarry. */
export function testFramework(name: string): TestFramework | undefined {
  return testFrameworks.find((framework) => framework.name === name)
}

/** The plan of the first framework that this invocation starts, or null. */
export async function recognise(invocation: Invocation, project: ProjectView): Promise<TestPlan | null> {
  for (const framework of testFrameworks) {
    const plan = await framework.recognise(invocation, project)
    if (plan !== null) return plan
  }
  return null
}
