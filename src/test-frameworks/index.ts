import { Fault } from '../errors.ts'
import type { TestPlan } from '../model/index.ts'
import { ava } from './ava.ts'
import { borp } from './borp.ts'
import { cargoTest } from './cargo-test.ts'
import { django } from './django.ts'
import { goTest } from './go-test.ts'
import { gradleTest } from './gradle-test.ts'
import { jasmine } from './jasmine.ts'
import { jest } from './jest.ts'
import { minitest } from './minitest.ts'
import { mocha } from './mocha.ts'
import { nodeTestFramework } from './node-test.ts'
import { pytest } from './pytest.ts'
import { rspec } from './rspec.ts'
import { surefire } from './surefire.ts'
import { tap } from './tap.ts'
import { tape } from './tape.ts'
import { testUnit } from './test-unit.ts'
import type { Invocation, ProjectView, TestFramework } from './types.ts'
import { unittest } from './unittest.ts'
import { vitest } from './vitest.ts'

export { reportersFolder } from './launch.ts'
export type * from './types.ts'

/** One line a framework. Those that are started by plain `node` come last: they must look into the files to know. */
export const testFrameworks: readonly TestFramework[] = [
  vitest,
  jest,
  mocha,
  ava,
  jasmine,
  borp,
  tap,
  tape,
  cargoTest,
  pytest,
  unittest,
  goTest,
  django,
  nodeTestFramework,
  surefire,
  gradleTest,
  rspec,
  minitest,
  testUnit,
]

/** The framework that a stored plan names. Throws Fault('framework') for one that this version of Quarry does not have. */
export function frameworkNamed(name: string): TestFramework {
  const found = testFrameworks.find((framework) => framework.name === name)
  if (found === undefined) throw new Fault('framework', `This version of Quarry has no test framework "${name}"`)
  return found
}

/** The plan of the first framework that this invocation starts, or null. */
export async function recognise(invocation: Invocation, project: ProjectView): Promise<TestPlan | null> {
  for (const framework of testFrameworks) {
    const plan = await framework.recognise(invocation, project)
    if (plan !== null) return plan
  }
  return null
}

/** Whether any of the frameworks runs this. */
export async function recognises(invocation: Invocation, project: ProjectView): Promise<boolean> {
  return (await recognise(invocation, project)) !== null
}
