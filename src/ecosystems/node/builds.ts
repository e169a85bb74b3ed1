import type { Command } from '../../model/index.ts'
import { inDirectory } from './manifest.ts'
import { type Role, roleOf } from './programs.ts'
import { type ProgramStep, programsIn, type ScriptStep, type Step } from './scripts.ts'

/** How scripts are started in an environment: `npm run x`, `yarn run x`. */
export type RunScript = (script: string, given: readonly string[], directory: string) => readonly string[]

/**
 * The builds that a step runs before its last test, as commands: whole scripts where a script does nothing but build, so
 * that its own shell text runs as written; single programs where tests or linters stand beside them.
 */
export function buildsBefore(step: Step, runScript: RunScript, path: string): readonly Command[] {
  const programs = programsIn(step)
  const last = programs.findLastIndex((program) => roleOf(program.invocation) === 'test')
  return builds(step, new Set(programs.slice(0, last === -1 ? programs.length : last)), { runScript, path })
}

interface Runner {
  readonly runScript: RunScript
  /** PATH of the environment, without the repository's own bins. */
  readonly path: string
}

function builds(step: Step, wanted: ReadonlySet<ProgramStep>, runner: Runner): readonly Command[] {
  if (step.kind === 'packages') return step.steps.flatMap((inner) => builds(inner, wanted, runner))
  const programs = programsIn(step)
  const roles = rolesIn(step)
  if (!roles.has('build') || !programs.some((program) => wanted.has(program))) return []
  if (step.kind === 'program') return [programCommand(step, runner.path)]
  const isPure = [...roles].every((role) => role === 'build' || role === 'clean' || role === 'idle')
  if (isPure && programs.every((program) => wanted.has(program))) return [scriptCommand(step, runner)]
  return step.steps.flatMap((inner) => builds(inner, wanted, runner))
}

/** What a step's programs are for. `aside`: builds whose output no test loads, and whatever a linting script starts. */
function rolesIn(step: Step): ReadonlySet<Role | 'aside'> {
  if (step.kind === 'program') return new Set([isAuxiliary(step) ? 'aside' : roleOf(step.invocation)])
  const roles = new Set(step.steps.flatMap((inner) => [...rolesIn(inner)]))
  const isLinting = step.kind === 'script' && lintNames.test(step.name) && !roles.has('test')
  return isLinting ? new Set(['aside']) : roles
}

const lintNames =
  /(?:^|[:-]|pre|post)(?:lint|fmt|format|prettier|fix|check-?types|typecheck|type-check|spellcheck|validate)(?:$|[:-])/

const auxiliaryNames =
  /(?:^|[:-])(?:docs?|man|site|website|storybook|demos?|examples?|playground|bench(?:mark)?|size|types?|dts|typings|declarations?|readme|changelog)(?:$|[:-])/
const declarationPrograms = new Set([
  'dts-bundle-generator',
  'api-extractor',
  'dts-bundle',
  'dts-gen',
  'rollup-plugin-dts',
  'tsc-alias-types',
])

/** A build whose output no test loads: documentation, manual pages, type declarations, demos. */
function isAuxiliary(program: ProgramStep): boolean {
  const { invocation } = program
  const script = invocation.from.split('scripts.').at(-1) ?? ''
  const file = invocation.program === 'node' ? invocation.arguments.find((word) => !word.startsWith('-')) : undefined
  if (declarationPrograms.has(invocation.program) || invocation.arguments.includes('--emitDeclarationOnly')) return true
  if (file !== undefined && /^(?:\.\/)?(?:docs?|website|site|examples?|bench(?:marks?)?)\//.test(file)) return true
  return auxiliaryNames.test(script)
}

function scriptCommand(step: ScriptStep, { runScript, path }: Runner): Command {
  return {
    argv: runScript(step.name, step.arguments, step.directory),
    directory: step.directory,
    variables: { ...step.variables, PATH: path },
  }
}

function programCommand(step: ProgramStep, path: string): Command {
  const { invocation } = step
  const argv = step.shell
    ? ['sh', '-c', step.text]
    : [invocation.program, ...invocation.nodeArguments, ...invocation.arguments]
  return {
    argv,
    directory: invocation.directory,
    variables: { ...invocation.variables, PATH: binPath(invocation.directory, path) },
  }
}

/** PATH with the bins that a package in this directory sees, nearest first, as package managers set it for scripts. */
export function binPath(directory: string, path: string): string {
  const parts = directory === '.' ? [] : directory.split('/')
  const folders = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'))
  return [...folders, '.']
    .map((folder) => `/testbed/${inDirectory(folder, 'node_modules/.bin')}`)
    .concat(path)
    .join(':')
}

/** One command per distinct (argv, directory, variables), first occurrence kept. */
export function distinct(commands: readonly Command[]): readonly Command[] {
  const seen = new Map(commands.map((command) => [JSON.stringify(command), command]))
  return [...seen.values()]
}
