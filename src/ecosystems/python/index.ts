import { readCi } from '../../ci/read-ci.ts'
import type { TreeReader } from '../../model/index.ts'
import type { Invocation, ProjectView } from '../../test-frameworks/types.ts'
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
import { namedRequirements, states } from './test-requirements.ts'
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
  const jobs = await readCi(tree)
  const { choices, needed } = await choosePythons(
    tree,
    project,
    jobs,
    context.mergedAt,
    context.tools,
    context.stated?.toolchain?.python ?? null,
  )
  const view = viewOf(tree)
  if (choices.length === 0) return [missingPython(needed, view)]
  const requirements = namedRequirements(tree, project)
  const invocations: readonly Invocation[] = [
    { program: 'pytest', arguments: [], nodeArguments: ['-m'], variables: {}, directory: '.', from: 'no script says' },
  ]
  const uv = await context.tools.resolveVersion('uv', '==0.9.*', context.mergedAt)
  const request: LadderRequest = {
    pythons: choices,
    project,
    lockfile: await readLockfile(tree),
    requirements,
    imported: [],
    frameworks: (await states(tree, requirements, 'pytest')) ? [] : ['pytest'],
    mergedAt: context.mergedAt,
    uv: uv !== null,
  }
  const elsewhere = await withoutElsewhere(tree, context.gateway)
  return ladder(request)
    .slice(0, mostProposals)
    .map((rung) => proposalOf(context, request, rung, { uv, invocations, view, elsewhere }))
}

/** What every rung of one tree has in common. */
interface Common {
  readonly uv: string | null
  readonly invocations: readonly Invocation[]
  readonly view: (directory: string) => ProjectView
  readonly elsewhere: WithoutElsewhere
}

function proposalOf(
  context: ProposeContext,
  { project, lockfile }: LadderRequest,
  rung: Rung,
  { uv, invocations, view, elsewhere }: Common,
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
