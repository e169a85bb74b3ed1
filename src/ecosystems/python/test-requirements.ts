import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import type { Asked } from './ci-requirements.ts'
import type { PythonProject } from './project.ts'

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
function namedRequirements(tree: TreeReader, project: PythonProject): TestRequirements {
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

/**
 * What the job that tests installs, where it says so, and what the names say where it does not: jobs restore environments that others made, and
 * groups are often the only place of a test runner's own plug-ins.
 */
export function testRequirements(
  tree: TreeReader,
  project: PythonProject,
  asked: Asked,
  from: string,
): TestRequirements {
  const named = namedRequirements(tree, project)
  const extras = asked.extras.flatMap((name) =>
    name === '*' ? project.extras.filter((each) => !/^(?:all|docs?|lint)/.test(each)) : [name],
  )
  const groups = asked.groups.filter((name) => project.groups.has(name))
  const saysNothing = extras.length + groups.length + asked.files.length + asked.requirements.length === 0
  if (saysNothing) return named
  const told = [
    ...extras.map((name) => `extra ${name}`),
    ...groups.map((name) => `group ${name}`),
    ...asked.files,
    ...asked.requirements,
  ]
  const hasTests = [...told, ...groups.flatMap((name) => project.groups.get(name) ?? [])].some((text) =>
    /test|dev|ci\b/i.test(text),
  )
  const more = hasTests ? null : named
  return {
    extras: union(extras, more?.extras),
    files: union(asked.files, more?.files ?? ownFiles(requirementFiles(tree), project)),
    constraints: asked.constraints,
    requirements: union(
      [...groups.flatMap((name) => project.groups.get(name) ?? []), ...asked.requirements],
      more?.requirements,
    ),
    evidence: [`${told.join(', ').slice(0, 300)} ← ${from}`, ...(more?.evidence ?? [])],
  }
}

function union(first: readonly string[], second: readonly string[] = []): readonly string[] {
  return [...new Set([...first, ...second])]
}
