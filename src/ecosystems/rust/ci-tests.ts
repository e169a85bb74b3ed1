import { seeThrough } from '../../ci/see-through.ts'
import type { CiJob, CiRun } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
import { type AskedFeatures, byFeatures } from './features.ts'
import type { Workspace } from './workspaces.ts'

/** A `cargo test` of the repository's own CI. */
export interface CargoCall {
  /** Behind `cargo`, less a `+toolchain`. */
  readonly arguments: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly directory: string
  readonly from: string
  /** It runs the examples in the documentation, too. */
  readonly doctests: boolean
}

/** What tests something else than the whole on this machine: another target, checks of memory, tests that are ignored at other times, one test by name. */
const special =
  /^(?:--target(?:=.*)?|--doc|--benches|--bench(?:=.*)?|--examples|--example(?:=.*)?|--ignored|--include-ignored|--lib|--bins|--test(?:=.*)?)$/

/**
 * The calls of the CI, those first that test the most ordinary thing, and of these that compile the most of what the change is compiled under; where it has none,
 * what make and just do to test. `cargo xtask` is a program of the repository's own: what it starts nobody can read.
 */
export async function cargoTests(
  tree: TreeReader,
  jobs: readonly CiJob[],
  workspace: Workspace,
  asked: AskedFeatures,
): Promise<readonly CargoCall[]> {
  const { directory } = workspace
  const seen = jobs
    .filter(({ linux }) => linux)
    .map((job) => Promise.all(job.runs.map((run) => callsOf(tree, run, job.from))))
  const inJobs = (await Promise.all(seen)).flat(2)
  const calls = inJobs.length > 0 ? inJobs : await ofTaskRunners(tree, directory)
  const own = calls.filter((call) => call.directory === directory || directory === '.')
  return byFeatures(own, asked, workspace).toSorted((a, b) => strangeness(a, directory) - strangeness(b, directory))
}

/** The calls that a step comes to, through make, just and scripts. */
async function callsOf(tree: TreeReader, run: CiRun, from: string): Promise<readonly CargoCall[]> {
  return (await seeThrough(tree, run, from)).flatMap((command): readonly CargoCall[] => {
    const given = testArguments(command.words)
    const { variables, directory, from: trail } = command
    const doctests = runsDoctests(command.words)
    return given === null ? [] : [{ arguments: given, variables, directory, from: trail, doctests }]
  })
}

async function ofTaskRunners(tree: TreeReader, directory: string): Promise<readonly CargoCall[]> {
  for (const text of ['make test', 'make check', 'just test']) {
    const calls = await callsOf(tree, { text, directory, variables: {} }, text)
    if (calls.length > 0) return calls
  }
  return []
}

/** The arguments of `cargo test`, of `cargo nextest run`, or of what `cargo hack` and `cargo llvm-cov` start; null for anything else. */
function testArguments(words: readonly string[]): readonly string[] | null {
  const [program, ...rest] = words
  if (program !== 'cargo' && program !== 'cross') return null
  const given = rest.filter((word) => !word.startsWith('+'))
  const [verb = '', ...others] = given
  if (verb === 'test' || verb === 't') return ['test', ...others]
  if (verb === 'nextest' && others[0] === 'run') return ['test', ...others.slice(1)]
  if (verb === 'llvm-cov' && !/^(?:report|clean|show-env)$/.test(others[0] ?? '')) {
    return ['test', ...others.filter((word) => !/^(?:nextest|run|test)$/.test(word))]
  }
  const at = verb === 'hack' || verb === 'tarpaulin' ? others.indexOf('test') : -1
  // A tool's own flags say how it multiplies the features; the plain test is the one to have.
  return at === -1 ? null : ['test', ...others.filter((word) => /^(?:--workspace|--all)$/.test(word))]
}

/** `cargo test` does, unless targets are chosen; what starts it in its own way does not, or for another end. */
function runsDoctests([, ...words]: readonly string[]): boolean {
  const [verb = '', ...given] = words.filter((word) => !word.startsWith('+'))
  if (verb !== 'test' && verb !== 't') return false
  const end = given.indexOf('--')
  const own = end === -1 ? given : given.slice(0, end)
  return own.includes('--doc') || !own.some((word) => choosesTargets.test(word))
}

const choosesTargets = /^--(?:lib|bins?|tests?|examples?|bench(?:es)?|all-targets|no-run|target)(?:=.*)?$/

function strangeness({ arguments: given, directory }: CargoCall, wanted: string): number {
  const end = given.indexOf('--')
  const strange = given.filter((word) => special.test(word)).length
  const hasFilter = given
    .slice(1, end === -1 ? undefined : end)
    .some((word, at, all) => !word.startsWith('-') && !takesValue(all[at - 1]))
  const narrows = given.includes('--no-default-features') || given.some((word) => /^(?:-p|--package)\b/.test(word))
  const unresolved = given.some((word) => /\$/.test(word))
  return (
    (directory === wanted ? 0 : 8) +
    strange * 4 +
    (hasFilter ? 4 : 0) +
    (narrows ? 3 : 0) +
    (unresolved ? 2 : 0) +
    (given.includes('--no-run') ? 1 : 0)
  )
}

function takesValue(word: string | undefined): boolean {
  return (
    word !== undefined &&
    /^(?:-p|--package|--exclude|--features|-F|--profile|--target|--target-dir|--manifest-path|-j|--jobs|--color|--message-format)$/.test(
      word,
    )
  )
}
