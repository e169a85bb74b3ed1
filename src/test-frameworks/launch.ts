import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command, TestPlan } from '../model/index.ts'

/** The folder of reporters to mount read-only at `/quarry/reporters`. */
export const reportersFolder = fileURLToPath(new URL('./reporters', import.meta.url))

const mounted = '/quarry/reporters'

/** A reporter's path inside the sandbox. */
export function reporterPath(name: string): string {
  return `${mounted}/${name}`
}

/** Node's own arguments with the report's writer preloaded before all of the repository's: only so is the secret safe from them. */
function nodeArguments(plan: TestPlan): readonly string[] {
  return ['--require', reporterPath('report.cjs'), ...plan.nodeArguments]
}

/** `NODE_OPTIONS` is read before the command line, so its preloads would come before ours. */
function variables(plan: TestPlan): Readonly<Record<string, string>> {
  const options = plan.variables.NODE_OPTIONS
  if (options === undefined) return plan.variables
  return { ...plan.variables, NODE_OPTIONS: `--require ${reporterPath('report.cjs')} ${options}` }
}

/** A command that starts `node` itself with these arguments. */
export function nodeCommand(plan: TestPlan, given: readonly string[]): Command {
  return { argv: ['node', ...nodeArguments(plan), ...given], directory: plan.directory, variables: variables(plan) }
}

/** A command that starts an installed package's program in one node process, wherever the package was hoisted to. */
export function launchCommand(
  plan: TestPlan,
  program: { package: string; bin: string },
  given: readonly string[],
): Command {
  return nodeCommand(plan, [reporterPath('launch.cjs'), program.package, program.bin, ...given])
}

/** Files named from the repository's root → as the framework, started in the plan's directory, knows them. */
export function fromDirectory(plan: TestPlan, files: readonly string[]): readonly string[] {
  return files.map((file) => posix.relative(plan.directory, file))
}

/** The installed package's program as people start it. */
export function npxCommand({ framework, arguments: given }: TestPlan): readonly string[] {
  return ['npx', '--no-install', framework, ...given]
}
