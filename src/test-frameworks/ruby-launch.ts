import { posix } from 'node:path'
import picomatch from 'picomatch'
import type { Command, TestPlan } from '../model/index.ts'
import { globsFromRoot } from './configuration.ts'
import { fromDirectory, reporterPath } from './launch.ts'
import { planFor } from './program.ts'
import { parseReport } from './report.ts'
import type { Invocation, ProjectView, TestFramework } from './types.ts'

/** `ruby` as an invocation starts it. */
export interface RubyCall {
  /** What is ruby's own and matters to the tests: load path, preloaded files, encodings. */
  readonly own: readonly string[]
  /** Files and globs; `!glob` leaves out. */
  readonly files: readonly string[]
}

const kept = /^-(?:I|r|E|K|x|w$|W)/
const valued = /^-(?:I|r|E|C|x|W)$/

/** Null where no file is run: a program text (`-e`), another program (`-S`), or nothing. */
export function rubyCall({ program, arguments: given }: Invocation): RubyCall | null {
  if (!/^j?ruby\d*(?:\.\d+)*$/.test(posix.basename(program))) return null
  const own: string[] = []
  let at = 0
  for (; at < given.length && (given[at] ?? '').startsWith('-'); at += 1) {
    const option = given[at] ?? ''
    if (/^-(?:e|S|c|C|n|p|h|v$)|^--(?:version|help|copyright)/.test(option)) return null
    const isPair = valued.test(option)
    const value = given[at + 1]
    if (kept.test(option)) own.push(...(isPair && value !== undefined ? [option + value] : [option]))
    if (isPair) at += 1
  }
  // Options behind the files choose single tests, seeds and output.
  const rest = given.slice(at)
  const end = rest.findIndex((word) => word.startsWith('-'))
  const files = end === -1 ? rest : rest.slice(0, end)
  return files.length === 0 ? null : { own, files }
}

/**
 * A command that starts a Ruby framework by its reporter, with the report's writer loaded before all of the repository's code. Ruby itself takes
 * libraries of its own from the load path when it starts (`monitor`, `rbconfig`), and a patch may bring files of these names: the reporter puts
 * the repository's folders there (`-I`, RUBYLIB) when the secret is safe.
 */
export function rubyCommand(plan: TestPlan, reporter: string, given: readonly string[]): Command {
  const { RUBYLIB: folders, RUBYOPT: _, ...variables } = plan.variables
  const isLater = (option: string) => /^-[Ir]/.test(option)
  const later = [...plan.nodeArguments.filter(isLater), ...(folders?.split(':').map((folder) => `-I${folder}`) ?? [])]
  const own = plan.nodeArguments.filter((option) => !isLater(option))
  return {
    argv: ['ruby', ...own, '-r', reporterPath('ruby_report.rb'), reporterPath(reporter), ...later, '--', ...given],
    directory: plan.directory,
    variables,
  }
}

/** The project's files that these globs, relative to its directory, mean. */
export function filesOf({ paths, directory }: ProjectView, globs: readonly string[]): readonly string[] {
  const moved = (glob: string) => posix.join(directory, glob)
  const within = globs.filter((glob) => !glob.startsWith('!')).map(moved)
  const without = globs.filter((glob) => glob.startsWith('!')).map((glob) => moved(glob.slice(1)))
  if (within.length === 0) return []
  const isMeant = picomatch(within, without.length === 0 ? {} : { ignore: without })
  return paths.filter((path) => isMeant(path))
}

/** A framework whose test files are started by plain `ruby`: they, or their helpers, tell that it is meant by what they name. */
export function startedByRuby(name: string, library: RegExp, reporter: string): TestFramework {
  return {
    name,
    ecosystem: 'ruby',
    async recognise(invocation, project) {
      const call = rubyCall(invocation)
      if (call === null || !(await anyMentions(project, filesOf(project, call.files), library))) return null
      return { ...planFor(name, invocation, call.files, project.lockedVersion(name)), nodeArguments: call.own }
    },
    testPaths: async (plan, project) => ({
      tests: globsFromRoot(project, plan.arguments),
      support: requiredFiles(project, plan.nodeArguments),
      configuration: [],
    }),
    command: (plan, files) => rubyCommand(plan, reporter, files === null ? plan.arguments : fromDirectory(plan, files)),
    parse: parseReport,
    typed: (plan) => ['ruby', ...plan.nodeArguments, ...plan.arguments],
  }
}

const helpers = /(?:^|\/)(?:\w*helper|test_case|\w*_test_case|teststrap|prelude)\.rb$/
const mostRead = 60

/** Whether any of the files, or of the helpers beside and above them, has this in it. */
async function anyMentions(project: ProjectView, files: readonly string[], what: RegExp): Promise<boolean> {
  const folders = new Set(files.map((file) => file.split('/').slice(0, -1).join('/')))
  const beside = project.paths.filter((path) => helpers.test(path) && [...folders].some((folder) => near(path, folder)))
  for (const file of [...beside.slice(0, mostRead), ...files.slice(0, mostRead)]) {
    if (what.test((await project.read(file)) ?? '')) return true
  }
  return false
}

function near(helper: string, folder: string): boolean {
  const own = posix.dirname(helper)
  const [top] = folder.split('/')
  return folder === own || folder.startsWith(`${own}/`) || (own.startsWith(`${top}/`) && top !== '')
}

/** Files of the repository that names without ending mean on ruby's load path (`-Itest`, `-r test_helper`). */
export function requiredFiles(project: ProjectView, own: readonly string[]): readonly string[] {
  const paths = new Set(project.paths)
  const folders = own.flatMap((option) => (option.startsWith('-I') ? option.slice(2).split(':') : []))
  const names = own.flatMap((option) => (option.startsWith('-r') ? [option.slice(2)] : []))
  return names.flatMap((name) => {
    const candidates = [...folders, '.'].map((folder) => posix.join(project.directory, folder, name))
    return candidates.flatMap((path) => [path, `${path}.rb`]).find((path) => paths.has(path)) ?? []
  })
}
