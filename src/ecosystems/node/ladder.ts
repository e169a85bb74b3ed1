import semver from 'semver'
import type { Flag } from '../../model/index.ts'
import type { ForeignDependencies } from './foreign-dependencies.ts'
import type { InstallChoice } from './installs.ts'
import type { Lockfile } from './lockfiles/index.ts'
import type { ChosenManager } from './manager-choice.ts'
import type { NodeChoice } from './node-choice.ts'

/** What rungs are made of, for one version of Node. */
export interface Footing {
  readonly node: NodeChoice
  readonly manager: ChosenManager
}

export interface LadderRequest {
  /** The most faithful Node first. */
  readonly footings: readonly Footing[]
  readonly lockfile: Lockfile | null
  readonly foreign: ForeignDependencies
  /** Development dependencies that tests and builds do not come near. */
  readonly idle: ReadonlySet<string>
  /** Packages of the lockfile with native parts that the package manager would build. */
  readonly native: readonly string[]
  /** Package → range that keeps it to the release lines of the day of the merge. */
  readonly caps: ReadonlyMap<string, string>
  /** The repository's own workflow installs with `--legacy-peer-deps`. */
  readonly legacyPeers: boolean
}

/** One rung: how to install, and what its name and flags say of it. */
export interface Rung {
  readonly name: string
  readonly footing: Footing
  readonly install: InstallChoice
  /** Unlocked dependencies are resolved as of the merge. */
  readonly asOf: boolean
  readonly flags: readonly Flag[]
  readonly evidence: readonly string[]
}

interface Step extends Omit<InstallChoice, 'manager'> {
  /** Unlocked dependencies as they are today: where what is known of publication times leaves no set that fits together. */
  readonly newest: boolean
}

/**
 * The ways to install, cheapest and most faithful first: the frozen lockfile (without what only git hosts have); without a
 * lockfile the versions of the day of the merge; then laxer: a lockfile out of step, peers that don't fit, without the
 * development dependencies that no test comes near, today's versions, another Node of the matrix, dependencies' install scripts.
 */
export function ladder(request: LadderRequest): readonly Rung[] {
  const [first, second] = request.footings
  if (first === undefined) return []
  const steps = request.lockfile === null ? unlockedSteps(request) : lockedSteps(request)
  const rungs = steps.map((step) => rung(request, first, step))
  if (second === undefined) return rungs
  const again = steps
    .slice(0, request.lockfile === null ? 2 : 1)
    .slice(-1)
    .map((step) => rung(request, second, step))
  // Without a lockfile, what makes an install fail is seldom Node.
  const at = request.lockfile === null ? -1 : 3
  return [...rungs.slice(0, at), ...again, ...rungs.slice(at)]
}

/** The owners' own way to install: on the frozen lockfile, where there is one. `resolves`: it may ask for versions of its own. */
export function statedRung(request: LadderRequest, resolves: boolean): Rung | null {
  const [first] = request.footings
  const [step] = request.lockfile === null ? unlockedSteps(request) : lockedSteps({ ...request, native: [] })
  if (first === undefined || step === undefined) return null
  return { ...rung(request, first, { ...step, scripts: 'all' }), name: 'quarry-yml', asOf: resolves }
}

function unlockedSteps({ foreign, idle, legacyPeers, footings, caps }: LadderRequest): readonly Step[] {
  const base: Step = {
    lockfile: 'none',
    scripts: 'none',
    legacyPeers,
    native: [],
    without: new Set(trimmable(foreign)),
    newest: false,
    caps: new Map(),
  }
  const lax = { ...base, legacyPeers: legacyPeers || footings[0]?.manager.name === 'npm' }
  const lean = { ...lax, without: new Set([...base.without, ...idle]) }
  return [
    base,
    ...(lax.legacyPeers === legacyPeers ? [] : [lax]),
    // What no test comes near fails an install more often than the versions of the day do.
    ...(idle.size === 0 ? [] : [lean]),
    { ...lax, newest: true, caps },
    ...(idle.size === 0 ? [] : [{ ...lean, newest: true, caps }]),
    { ...lax, scripts: 'dependencies' },
  ]
}

function lockedSteps(request: LadderRequest): readonly Step[] {
  const without = new Set(trimmable(request.foreign))
  const frozen =
    request.lockfile !== null && request.lockfile.foreign.length > 0 && request.lockfile.kind.startsWith('yarn')
      ? 'preferred'
      : 'frozen'
  const base: Step = {
    lockfile: frozen,
    scripts: 'none',
    legacyPeers: request.legacyPeers,
    native: [],
    without,
    newest: false,
    caps: new Map(),
  }
  const native = { ...base, native: request.native }
  const [unlocked, ...more] = unlockedSteps(request)
  return [
    ...(request.native.length === 0 ? [] : [native]),
    base,
    ...(frozen === 'frozen' ? [{ ...base, lockfile: 'preferred' as const }] : []),
    { ...base, scripts: 'dependencies' },
    ...(unlocked === undefined ? [] : [unlocked]),
    ...more.filter((step) => step.scripts === 'none' && !step.newest).slice(-1),
    ...more.filter((step) => step.newest).slice(-1),
  ]
}

/** Foreign dependencies that can be left out: nothing loads them. */
function trimmable(foreign: ForeignDependencies): readonly string[] {
  return foreign.names.filter((name) => !foreign.needed.includes(name))
}

function rung(request: LadderRequest, footing: Footing, step: Step): Rung {
  const inLock = step.lockfile !== 'none' && (request.lockfile?.foreign.length ?? 0) > 0
  const trimmed = step.without.size > 0 || inLock
  const lean = [...step.without].some((name) => request.idle.has(name) && !request.foreign.names.includes(name))
  const dropped = [...new Set([...step.without, ...(inLock ? request.foreign.names : [])])]
  return {
    name: `${nameOf(step, trimmed, lean)}${footing === request.footings[0] ? '' : `-node-${semver.major(footing.node.version)}`}`,
    footing,
    install: { ...step, manager: footing.manager },
    asOf: step.lockfile !== 'frozen' && !step.newest,
    flags: [
      ...(trimmed ? ['dependencies-trimmed' as const] : []),
      ...(step.newest ? ['registry-times-unsure' as const] : []),
    ],
    evidence: [
      footing.node.evidence,
      ...footing.manager.evidence,
      ...(dropped.length === 0 ? [] : [`left out: ${dropped.join(', ')}`]),
      ...(step.native.length === 0 ? [] : [`native parts built: ${step.native.join(', ')}`]),
    ],
  }
}

function nameOf(step: Step, trimmed: boolean, lean: boolean): string {
  const base = { frozen: 'lockfile', preferred: 'lockfile-preferred', none: step.newest ? 'newest' : 'as-of' }[
    step.lockfile
  ]
  const parts = [
    lean ? '-lean' : trimmed ? '-trimmed' : '',
    step.native.length > 0 ? '-native' : '',
    step.scripts === 'none' ? '' : '-scripts',
    step.legacyPeers ? '-legacy-peers' : '',
  ]
  return `${base}${parts.join('')}`
}
