import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import type { PythonProject } from './project.ts'
import { readRequirement } from './requirement-texts.ts'

/** What the tests need beside the project itself, by where it is stated. */
export interface TestRequirements {
  readonly extras: readonly string[]
  /** Requirements files, relative to the root. */
  readonly files: readonly string[]
  readonly constraints: readonly string[]
  /** Requirements as the manifests' groups, tox or a CI's commands spell them. */
  readonly requirements: readonly string[]
  readonly evidence: readonly string[]
}

const testName =
  /^(?:tests?|testing|unit-?tests?|pytest|tests?[-_]?(?:require(?:s|d|ments)?|deps?|base|core|min(?:imal)?|all)|all[-_]?tests?|hatch-test)$/i
const devName =
  /^(?:dev|develop|devel|development|ci|qa|check|checks|default|dev[-_]?(?:deps?|dependencies|requires?|tests?))$/i
const requirementsFile =
  /^(?:[\w.-]*requirements?[\w.-]*|reqs?[\w.-]*|deps?[\w.-]*|tests?|testing|dev|develop|ci)\.(?:txt|pip|in)$/i
const folders = /^(?:requirements?|reqs?|deps|dependencies|tests?|\.ci|ci|\.github|etc|tools|misc|build_tools)$/i

/** Files that hold requirements, by their names and places. */
export function requirementFiles(tree: TreeReader): readonly string[] {
  return tree.paths.filter((path) => {
    const folder = posix.dirname(path)
    const name = posix.basename(path)
    if (!requirementsFile.test(name)) return false
    if (folder === '.') return /requirement|reqs|deps/i.test(name)
    if (!folder.split('/').every((part) => folders.test(part))) return false
    return (
      /requirement|reqs|deps/i.test(name) || /^(?:requirements?|reqs?|deps|dependencies)$/i.test(posix.basename(folder))
    )
  })
}

/** What the names of extras, groups and files say: those for tests; where there are none, those for developing. */
export function namedRequirements(tree: TreeReader, project: PythonProject): TestRequirements {
  const files = requirementFiles(tree)
  const tests = {
    extras: project.extras.filter((name) => testName.test(name)),
    groups: [...project.groups.keys()].filter((name) => testName.test(name) || name === 'tests_require'),
    files: preferred(files.filter((path) => saysTests(path))),
  }
  const isTold = tests.extras.length + tests.groups.length + tests.files.length > 0
  const dev = {
    extras: project.extras.filter((name) => devName.test(name)),
    groups: [...project.groups.keys()].filter((name) => devName.test(name)),
    files: preferred(files.filter((path) => saysDev(path))),
  }
  const chosen = isTold ? tests : dev
  return {
    extras: chosen.extras,
    files: [...ownFiles(files, project), ...chosen.files],
    constraints: [],
    requirements: [...chosen.groups, ...(project.installable ? [] : ['packages'])].flatMap(
      (name) => project.groups.get(name) ?? [],
    ),
    evidence: [
      ...chosen.extras.map((name) => `extra ${name} ← the manifest's own name`),
      ...chosen.groups.map((name) => `group ${name} ← the manifest's own name`),
      ...chosen.files.map((path) => `${path} ← its name`),
    ],
  }
}

/** `requirements.txt`, where nothing else says what the project itself needs. */
function ownFiles(files: readonly string[], project: PythonProject): readonly string[] {
  const own = files.filter((path) => /(?:^|\/)(?:requirements?|reqs?|base|main|common|install)\.txt$/i.test(path))
  return project.installable ? [] : own
}

function saysTests(path: string): boolean {
  return wordsOf(path).some((word) => /^(?:tests?|testing|pytest|unittests?)$/.test(word))
}

function saysDev(path: string): boolean {
  return wordsOf(path).some((word) => /^(?:dev|develop|devel|development|ci)$/.test(word))
}

function wordsOf(path: string): readonly string[] {
  return posix
    .basename(path)
    .replace(/\.\w+$/, '')
    .toLowerCase()
    .split(/[-_.]/)
}

/** Of `x.in` and the `x.txt` that was made of it, the latter; the shortest name of several that say tests. */
function preferred(paths: readonly string[]): readonly string[] {
  const made = new Set(paths.map((path) => path.replace(/\.\w+$/, '')))
  const whole = paths.filter((path) => !(path.endsWith('.in') && paths.includes(path.replace(/\.in$/, '.txt'))))
  const plain = whole.filter((path) =>
    wordsOf(path).every((word) =>
      /^(?:requirements?|reqs?|deps?|tests?|testing|dev|develop|devel|development|ci|unit|py3|base|min)$/.test(word),
    ),
  )
  return made.size <= 1 || plain.length === 0 ? whole.slice(0, 3) : plain.slice(0, 3)
}

/** Whether one of the requirements, spelled anywhere, is this package. */
export async function states(tree: TreeReader, wanted: TestRequirements, name: string): Promise<boolean> {
  const texts = await Promise.all(wanted.files.map(async (path) => (await tree.read(path)) ?? ''))
  return [...wanted.requirements, ...texts.flatMap((text) => text.split('\n'))].some(
    (line) => readRequirement(line)?.name === name,
  )
}
