import type { Flag } from '../../model/index.ts'
import type { InstallChoice, Installer } from './installs.ts'
import type { PythonLockfile } from './lockfiles.ts'
import type { PythonProject } from './project.ts'
import type { PythonChoice } from './python-choice.ts'
import { lineNumber, lineOf } from './release-dates.ts'
import type { TestRequirements } from './test-requirements.ts'

export interface LadderRequest {
  /** The most faithful first. */
  readonly pythons: readonly PythonChoice[]
  readonly project: PythonProject
  readonly lockfile: PythonLockfile | null
  readonly requirements: TestRequirements
  /** Packages that the tests' imports name and nobody states. */
  readonly imported: readonly string[]
  /** The frameworks, where nobody states them. */
  readonly frameworks: readonly string[]
  readonly mergedAt: Date
  /** uv can be had on this machine. */
  readonly uv: boolean
}

/** One rung: how to install, and what its name and flags say of it. */
export interface Rung {
  readonly name: string
  readonly python: PythonChoice
  readonly install: InstallChoice
  readonly asOf: boolean
  readonly flags: readonly Flag[]
  readonly evidence: readonly string[]
}

type Step = Partial<Omit<InstallChoice, 'installer' | 'python' | 'guessed'>> & {
  readonly name: string
  readonly pip?: boolean
  /** The project itself by pip, as its build may know no editable wheels. */
  readonly develop?: boolean
  readonly newest?: boolean
  readonly evidence?: readonly string[]
}

/** uv runs on no older interpreter. */
const oldestForUv = '3.8'
/** setuptools 64, the first that builds editable wheels. */
const editableWheels = Date.parse('2022-08-12')

/** A build that asks for one from before. */
const oldSetuptools = /^setuptools\b.*(?:<=?|==|~=)\s*(?:[1-5]?\d|6[0-3])(?:\.|$|\s|,|;)/

const none: TestRequirements = { extras: [], files: [], constraints: [], requirements: [], evidence: [] }

/**
 * The ways to install, cheapest and most faithful first: the lockfile's versions; those of the day of the merge; with what only the tests'
 * imports name; by pip alone; without what is stated for development; another Python; today's versions; without the project's own build.
 */
export function ladder(request: LadderRequest): readonly Rung[] {
  const [first, ...others] = request.pythons
  if (first === undefined) return []
  const rungs = stepsOf(request).map((step) => rung(request, first, step))
  const again = others.map((python) => ({
    ...rung(request, python, asOfStep(request)),
    name: `as-of-python-${lineOf(python.version)}`,
  }))
  const at = request.lockfile === null ? 2 : 3
  return unequal([...rungs.slice(0, at), ...again, ...rungs.slice(at)])
}

/** What comes to the same by another name is tried once. */
function unequal(rungs: readonly Rung[]): readonly Rung[] {
  const keys = rungs.map(({ install, asOf }) => JSON.stringify([install, asOf]))
  return rungs.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

function asOfStep({ imported }: LadderRequest): Step {
  return { name: 'as-of', more: imported }
}

function stepsOf({ lockfile, imported, project }: LadderRequest): readonly Step[] {
  const told = imported.length === 0 ? [] : [`${imported.join(', ')} ← imported by tests, stated nowhere`]
  return [
    ...(lockfile === null ? [] : [{ name: 'lockfile', locked: true, evidence: [`versions ← ${lockfile.path}`] }]),
    { name: 'as-of' },
    ...(project.backend.startsWith('setuptools') && project.installable
      ? [{ name: 'as-of-develop', develop: true }]
      : []),
    ...(imported.length === 0 ? [] : [{ name: 'as-of-imports', more: imported, evidence: told }]),
    { name: 'as-of-pip', pip: true, more: imported, evidence: told },
    { name: 'as-of-lean', requirements: none, more: imported, evidence: told },
    { name: 'newest', newest: true, more: imported, evidence: told },
    ...(project.installable ? [{ name: 'as-of-unbuilt', project: false, more: imported, evidence: told }] : []),
  ]
}

function rung(request: LadderRequest, python: PythonChoice, step: Step): Rung {
  const { requirements, frameworks } = request
  const {
    name,
    pip = false,
    develop = false,
    newest = false,
    evidence = [],
    more = [],
    locked = false,
    project = true,
  } = step
  const chosen = step.requirements ?? requirements
  return {
    name,
    python,
    install: {
      installer: installerFor(request, python, { pip, develop }),
      python: python.version,
      requirements: chosen,
      more: frameworks,
      guessed: more.filter((name) => !frameworks.includes(name)),
      project,
      locked,
    },
    asOf: !newest,
    flags: newest ? ['registry-times-unsure'] : step.requirements === undefined ? [] : ['dependencies-trimmed'],
    evidence: [python.evidence, ...(step.requirements === undefined ? requirements.evidence : []), ...evidence],
  }
}

function installerFor(
  { uv, project, mergedAt }: LadderRequest,
  python: PythonChoice,
  { pip, develop }: { readonly pip: boolean; readonly develop: boolean },
): Installer {
  if (pip || !uv || lineNumber(lineOf(python.version)) < lineNumber(oldestForUv)) return 'pip'
  const isSetuptools = project.backend.startsWith('setuptools') && project.installable
  const isOld = mergedAt.getTime() < editableWheels || project.buildRequires.some((each) => oldSetuptools.test(each))
  return isSetuptools && (isOld || develop) ? 'uv-develop' : 'uv'
}
