import { posix } from 'node:path'
import type { Invocation } from '../../test-frameworks/types.ts'
import { type Module, parentIn, type Reactor, touched } from './reactor.ts'

const failsafe = 'maven-failsafe-plugin'
/** As Failsafe's own `includes` have it. */
const integrationTest = /^(?:IT.*|.*IT|.*ITCase)\.(?:java|kt|groovy|scala)$/

/** Whether a change has tests that Surefire leaves to Failsafe. */
export function hasIntegrationTests(reactor: Reactor, testPaths: readonly string[]): boolean {
  const named = testPaths.filter((path) => integrationTest.test(posix.basename(path)))
  return touched(reactor, named).some((module) => usesFailsafe(reactor.modules, module))
}

function usesFailsafe(modules: readonly Module[], module: Module): boolean {
  const parent = parentIn(modules, module)
  const isOwn = module.pom.plugins.some(({ artifact }) => artifact === failsafe)
  return isOwn || (parent !== null && parent !== module && usesFailsafe(modules, parent))
}

/**
 * Surefire's tests and Failsafe's, each in a run of its own: a module whose first tests fail never comes to the second, which would then be missing before
 * a fix, and pass after it.
 */
export function bothRuns(invocation: Invocation): readonly Invocation[] {
  const words = invocation.arguments.slice(0, -1)
  return [
    { ...invocation, arguments: [...words, 'test'] },
    { ...invocation, arguments: [...words, `-Dquarry.plugin=${failsafe}`, 'verify'] },
  ]
}
