import { readCi } from '../../ci/read-ci.ts'
import type { TreeReader } from '../../model/index.ts'
import type { ProjectView } from '../../test-frameworks/types.ts'
import { environmentFolder } from '../places.ts'
import type { Ecosystem, Proposal, ProposeContext } from '../types.ts'
import { type WithoutElsewhere, withoutElsewhere } from './elsewhere.ts'
import { explainInstall } from './explain.ts'
import { buildCommands, installCommands, lockConstraints, runVariables, venv } from './installs.ts'
import { keyContent, keyPaths } from './key-files.ts'
import { type LadderRequest, ladder, type Rung } from './ladder.ts'
import { constraintsOf, readLockfile } from './lockfiles.ts'
import { type PythonProject, readProject } from './project.ts'
import { choosePythons } from './python-choice.ts'
import { unstatedImports } from './test-imports.ts'
import { testRequirements } from './test-requirements.ts'
import { type TestWork, testWorks } from './test-work.ts'
import { openToolchains } from './toolchain.ts'
import { versionVariables } from './versions.ts'

/** Python on CPython, installed by uv or pip into one virtual environment. */
export const python: Ecosystem = {
  name: 'python',
  languages: ['python'],
  tools: ['python', 'uv'],
  openToolchains,
  detect: (tree) => tree.paths.some((path) => marks.test(path)),
  propose,
  keyPaths,
  keyContent,
  needs: async () => [],
  layerPaths: [
    `${venv}/**`,
    // Links of an older kind of editable install lead to the metadata beside the sources.
    '*.egg-info/**',
    '*/*.egg-info/**',
    // What a build wrote the version from git into: untracked, so it is generated.
    '**/{_version,version,__version__,_scm_version,scm_version,_git_version,_generated_version}.py',
  ],
  derivedPaths: async () => [
    '**/__pycache__',
    '**/__pycache__/**',
    '**/*.pyc',
    '**/*.egg-info/SOURCES.txt',
    `${environmentFolder}/uv-cache/**`,
  ],
  explain: explainInstall,
}

const marks =
  /^(?:pyproject\.toml|setup\.py|setup\.cfg|Pipfile|tox\.ini|noxfile\.py|pytest\.ini|manage\.py|requirements[^/]*\.txt|[^/]*\.py|tests?\/[^/]*\.py)$/

const mostProposals = 14

async function propose(context: ProposeContext): Promise<readonly Proposal[]> {
  const { tree } = context
  const project = await readProject(tree)
  const works = await testWorks(tree, await readCi(tree))
  const tested = works.flatMap(({ job }) => (job === null ? [] : [job]))
  const stated = context.stated?.toolchain?.python ?? null
  const { choices, needed } = await choosePythons(tree, project, tested, context.mergedAt, context.tools, stated)
  const view = viewOf(tree)
  if (choices.length === 0) return [missingPython(needed, view)]
  const common: Common = {
    view,
    uv: await context.tools.resolveVersion('uv', '==0.9.*', context.mergedAt),
    elsewhere: await withoutElsewhere(
      tree,
      works.flatMap(({ asked }) => [...asked.files, ...asked.constraints]),
      context.gateway,
    ),
  }
  const [first, ...others] = works
  if (first === undefined) return []
  const request = await ladderRequest(context, project, first, common, choices)
  const rungs = ladder(request)
  const variants = others.slice(0, 2).flatMap((work) => rungs.slice(0, 1).map((rung) => ({ rung, work })))
  const [climbed = [], later = []] = [rungs.slice(0, 1), rungs.slice(1)].map((list) =>
    list.map((rung) => ({ rung, work: first })),
  )
  return [...climbed, ...variants, ...later]
    .slice(0, mostProposals)
    .map(({ rung, work }, index) => proposalOf(context, request, named(rung, index, variants.length), work, common))
}

/** Other ways to test on the first rung share its layer, and its name but for a number. */
function named(rung: Rung, index: number, variants: number): Rung {
  return index === 0 || index > variants ? rung : { ...rung, name: `${rung.name}-${index + 1}` }
}

async function ladderRequest(
  { tree, mergedAt, testPaths }: ProposeContext,
  project: PythonProject,
  work: TestWork,
  { view, uv, elsewhere }: Common,
  pythons: LadderRequest['pythons'],
): Promise<LadderRequest> {
  const asked = testRequirements(tree, project, work.asked, work.from)
  const requirements = { ...asked, extras: [...new Set([...asked.extras, ...elsewhere.extras])] }
  return {
    pythons,
    project,
    lockfile: await readLockfile(tree, project.name),
    requirements,
    imported: await unstatedImports(tree, project, requirements, testPaths, view('.')),
    // The runner itself: stated or not, it is not resolved twice.
    frameworks: work.invocations.some(({ program }) => program === 'pytest') ? ['pytest'] : [],
    mergedAt,
    uv: uv !== null,
  }
}

/** What every rung of one tree has in common. */
interface Common {
  readonly uv: string | null
  readonly view: (directory: string) => ProjectView
  readonly elsewhere: WithoutElsewhere
}

function proposalOf(
  context: ProposeContext,
  { project, lockfile }: LadderRequest,
  rung: Rung,
  { invocations, services }: TestWork,
  { uv, view, elsewhere }: Common,
): Proposal {
  const { install } = rung
  const locked =
    install.locked && lockfile !== null ? [{ path: lockConstraints, content: constraintsOf(lockfile) }] : []
  const trimmed = elsewhere.trimmed.length > 0 && install.requirements.files.length > 0
  const needsUv = install.installer !== 'pip' && uv !== null
  return {
    strategy: {
      name: rung.name,
      ecosystem: 'python',
      toolchain: { python: install.python, ...(needsUv ? { uv } : {}) },
      overrides: [...elsewhere.overrides, ...locked],
      install: installCommands(install, project, context.gateway),
      build: buildCommands(install, project),
      variables: runVariables({
        ...versionVariables(project, context.tag ?? null),
        ...(install.project ? {} : pathVariables(context.tree, project)),
      }),
      asOf: rung.asOf ? context.mergedAt.toISOString() : null,
      flags: [
        ...rung.flags,
        ...(trimmed && !rung.flags.includes('dependencies-trimmed') ? ['dependencies-trimmed' as const] : []),
      ],
      evidence: [
        ...rung.evidence,
        ...elsewhere.trimmed.map((line) => `left out: ${line}`),
        ...invocations.map(({ program, from }) => `tests: ${program} ← ${from}`),
        ...services.map((image) => `service ${image} ← the CI's job`),
      ],
    },
    invocations,
    project: view,
  }
}

/** Where the project itself is not installed, Python finds it as its author's tests would from the sources. */
function pathVariables(tree: TreeReader, _project: PythonProject): Readonly<Record<string, string>> {
  return { PYTHONPATH: tree.paths.some((path) => path.startsWith('src/')) ? '/testbed/src:/testbed' : '/testbed' }
}

function missingPython(needed: string, view: (directory: string) => ProjectView): Proposal {
  const strategy = {
    name: 'none',
    ecosystem: 'python',
    toolchain: {},
    overrides: [],
    install: [],
    build: [],
    variables: {},
    asOf: null,
    flags: [],
    evidence: [],
  }
  const detail = `python ${needed}`
  return {
    strategy,
    invocations: [],
    project: view,
    unfollowed: { reason: 'toolchain-not-available', evidence: { detail } },
  }
}

function viewOf(tree: TreeReader): (directory: string) => ProjectView {
  return (directory) => ({ directory, paths: tree.paths, read: (path) => tree.read(path), lockedVersion: () => null })
}
