import type { Command } from '../../model/index.ts'
import { inDirectory } from './manifest.ts'
import { roleOf } from './programs.ts'
import { type ProgramStep, programsIn, type ScriptStep, type Step } from './scripts.ts'

/** How scripts are started in an environment: `npm run x`, `yarn run x`. */
export type RunScript = (script: string, given: readonly string[], directory: string) => readonly string[]

type Purpose = 'test' | 'build' | 'mixed' | 'nothing'

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
  if (!programs.some((program) => wanted.has(program))) return []
  if (step.kind === 'program') return purposeOf([step]) === 'build' ? [programCommand(step, runner.path)] : []
  if (purposeOf(programs) === 'build' && programs.every((program) => wanted.has(program)))
    return [scriptCommand(step, runner)]
  return step.steps.flatMap((inner) => builds(inner, wanted, runner))
}

/** `build` where there is nothing but builds and the clearing of their output. */
function purposeOf(programs: readonly ProgramStep[]): Purpose {
  const roles = new Set(programs.map((program) => (isAuxiliary(program) ? 'aside' : roleOf(program.invocation))))
  roles.delete('idle')
  if (!roles.has('build')) return roles.has('test') ? 'test' : 'nothing'
  roles.delete('build')
  roles.delete('clean')
  return roles.size === 0 ? 'build' : 'mixed'
}

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
