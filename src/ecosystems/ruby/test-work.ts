import { posix } from 'node:path'
import { seeThrough } from '../../ci/see-through.ts'
import type { CiJob, SeenCommand } from '../../ci/types.ts'
import { ruby as language } from '../../languages/ruby/index.ts'
import type { TreeReader } from '../../model/index.ts'
import { filesOf, rubyCall } from '../../test-frameworks/ruby-launch.ts'
import type { Invocation } from '../../test-frameworks/types.ts'

/** A way to test: the programs of one step, and where they were found. */
export interface TestWork {
  readonly invocations: readonly Invocation[]
  readonly evidence: string
}

const mostWorks = 4

/** What the CI tests with, task runners seen through; what `rake` does; then what the folders are called. */
export async function testWorks(tree: TreeReader, jobs: readonly CiJob[]): Promise<readonly TestWork[]> {
  const works: TestWork[] = []
  for (const { from, text, directory, variables } of stepsOf(jobs)) {
    const seen = await seeThrough(tree, { text, directory, variables }, from)
    const invocations = await invocationsOf(tree, seen)
    if (invocations.length > 0)
      works.push({ invocations: withoutRepeats(tree, invocations), evidence: `tests ← ${seen[0]?.from ?? from}` })
  }
  const usual = byConvention(tree)
  const all = usual.length === 0 ? works : [...works, { invocations: usual, evidence: 'tests ← names of folders' }]
  const keys = all.map(({ invocations }) => JSON.stringify(invocations.map(({ from: _, ...rest }) => rest)))
  return all.filter((_, at) => keys.indexOf(keys[at] ?? '') === at).slice(0, mostWorks)
}

/** Steps on Linux, those of every push first; and what a developer would type. */
function stepsOf(jobs: readonly CiJob[]) {
  const ordinary = jobs.filter(({ linux }) => linux).toSorted((a, b) => Number(b.everyPush) - Number(a.everyPush))
  const steps = ordinary.flatMap(({ from, runs }) => runs.map((run) => ({ ...run, from })))
  const typed = ['rake', 'rake test spec'].map((text) => ({ text, directory: '.', variables: {}, from: text }))
  return [
    ...steps.filter(({ text }) => /\b(?:rake|rspec|ruby|m(?:ini)?test|make|test|spec|check)\b/.test(text)),
    ...typed,
  ]
}

async function invocationsOf(tree: TreeReader, seen: readonly SeenCommand[]): Promise<readonly Invocation[]> {
  const found: Invocation[] = []
  for (const { words, variables, directory, from } of seen) {
    const [program = '', ...given] = words
    const name = posix.basename(program)
    if (!/^(?:ruby\d*(?:\.\d+)*|rspec)$/.test(name)) continue
    const own = name === 'rspec' ? given : await withoutGathering(tree, directory, given)
    if (own === null) continue
    const plain = Object.fromEntries(Object.entries(variables).filter(([key]) => !machines.test(key)))
    found.push({ program: name, arguments: own, nodeArguments: [], variables: plain, directory, from })
  }
  return found
}

/** Without programs whose files an earlier one runs all: a suite that is started under several settings counts once. */
function withoutRepeats(tree: TreeReader, invocations: readonly Invocation[]): readonly Invocation[] {
  const run = new Set<string>()
  return invocations.filter((invocation) => {
    const { directory } = invocation
    const files = rubyCall(invocation)?.files ?? []
    const meant = filesOf({ directory, paths: tree.paths, read: tree.read, lockedVersion: () => null }, files)
    const isNew = meant.length === 0 || meant.some((file) => !run.has(file))
    for (const file of meant) run.add(file)
    return isNew
  })
}

/** What a CI sets for its own machines, or to gather coverage. */
const machines = /^(?:BUNDLE_|GEM_|RUBYOPT$|PATH$|HOME$|CI$|GITHUB_|COVERAGE|JRUBY_|CC_|CODECOV|COVERALLS)/

/**
 * `ruby test/all.rb` that only loads others: the tests that it stands for are those that its folder holds. Null for a program that has to do with
 * no tests. Globs stay.
 */
async function withoutGathering(
  tree: TreeReader,
  directory: string,
  given: readonly string[],
): Promise<readonly string[] | null> {
  const at = given.findIndex((word) => !word.startsWith('-') && word.endsWith('.rb'))
  const file = given[at]
  if (file === undefined || /[*?[{]/.test(file)) return given
  const path = posix.join(directory, file)
  const text = await tree.read(path)
  if (text === null || language.testItems(text).length > 0) return given
  const folder =
    testFolders.find((name) => path.startsWith(`${name}/`)) ?? testFolders.find((name) => holds(tree, name))
  if (folder === undefined || !/\b(?:tests?|spec)/i.test(path + text)) return null
  return [...given.slice(0, at), ...loadPath(folder), ...globsBelow(tree, folder)]
}

const testFolders = ['test', 'spec', 'tests'] as const

function holds(tree: TreeReader, folder: string): boolean {
  return tree.paths.some((path) => path.startsWith(`${folder}/`) && path.endsWith('.rb'))
}

function loadPath(folder: string): readonly string[] {
  return ['-Ilib', `-I${folder}`]
}

const names = ['*_test.rb', 'test_*.rb', '*_spec.rb', 'spec_*.rb']

/** The names of tests that a folder has files of, helpers left out. */
function globsBelow(tree: TreeReader, folder: string): readonly string[] {
  const ends = (glob: string) => new RegExp(`^${glob.replace('.', '\\.').replace('*', '.+')}$`)
  const used = names.filter((glob) =>
    tree.paths.some((path) => path.startsWith(`${folder}/`) && ends(glob).test(posix.basename(path))),
  )
  return used.length === 0
    ? [`${folder}/**/*.rb`]
    : [...used.map((glob) => `${folder}/**/${glob}`), `!${folder}/**/*_helper.rb`]
}

function byConvention(tree: TreeReader): readonly Invocation[] {
  return testFolders.flatMap((folder): readonly Invocation[] => {
    if (!holds(tree, folder)) return []
    const shared = { nodeArguments: [], variables: {}, directory: '.', from: `${folder}/` }
    if (folder === 'spec' && tree.has('.rspec')) return [{ ...shared, program: 'rspec', arguments: [] }]
    const plain = { ...shared, program: 'ruby', arguments: [...loadPath(folder), ...globsBelow(tree, folder)] }
    return folder === 'spec' ? [plain, { ...shared, program: 'rspec', arguments: [] }] : [plain]
  })
}
