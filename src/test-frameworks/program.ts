import { posix } from 'node:path'
import type { TestPlan } from '../model/index.ts'
import type { Invocation } from './types.ts'

/** A framework's program as an invocation starts it, be it by name, by path, or through `node`. */
export interface Program {
  readonly name: string
  readonly arguments: readonly string[]
}

/** `node_modules/.bin/mocha`, `./node_modules/jest/bin/jest.js` → `mocha`, `jest`; null for a file of the repository's own. */
function installedProgram(path: string): string | null {
  const inside = path.split('node_modules/').at(-1)
  if (inside === undefined || inside === path) return null
  if (inside.startsWith('.bin/')) return inside.slice('.bin/'.length)
  return posix.basename(inside).replace(/\.[cm]?js$/, '')
}

export function startedProgram(invocation: Invocation): Program {
  const [first = '', ...rest] = invocation.arguments
  if (invocation.program === 'node') {
    const name = installedProgram(first)
    return name === null ? { name: 'node', arguments: invocation.arguments } : { name, arguments: rest }
  }
  return {
    name: installedProgram(invocation.program) ?? posix.basename(invocation.program),
    arguments: invocation.arguments,
  }
}

/** A plan that runs this invocation with these arguments. */
export function planFor(
  framework: string,
  invocation: Invocation,
  given: readonly string[],
  version: string | null,
  moreNodeArguments: readonly string[] = [],
): TestPlan {
  return {
    framework,
    directory: invocation.directory,
    version,
    arguments: given,
    nodeArguments: [...invocation.nodeArguments, ...moreNodeArguments],
    variables: invocation.variables,
  }
}
