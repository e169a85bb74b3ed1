import type { Flag } from '../../model/index.ts'
import { chosenFlags } from '../../test-frameworks/cargo-flags.ts'
import type { CargoCall } from './ci-tests.ts'
import type { missingFeatures } from './features.ts'
import type { InstallRequest } from './installs.ts'
import type { RustChoice } from './rust-choice.ts'

/** How the tests are built: the flags that choose packages and features. */
export interface Work {
  readonly call: CargoCall | null
  readonly flags: readonly string[]
  readonly evidence: string
}

export interface Rung {
  readonly name: string
  readonly choice: RustChoice
  readonly way: InstallRequest['way']
  readonly asOf: boolean
  readonly work: Work
  readonly flags: readonly Flag[]
  readonly evidence: readonly string[]
}

interface LadderRequest {
  readonly choices: readonly RustChoice[]
  /** At least one. */
  readonly works: readonly Work[]
  readonly hasLockfile: boolean
  /** What is left out of the dependencies, a line each; none: all are there. */
  readonly leftOut: readonly string[]
}

/** Cheapest and most faithful first. */
export function ladder(request: LadderRequest): readonly Rung[] {
  const { leftOut } = request
  if (leftOut.length === 0) return wholeLadder(request)
  // What is left out stands in the lockfile too: it can't be kept to by the letter.
  return wholeLadder(request)
    .filter(({ name }) => name !== 'lockfile-preferred')
    .map((rung) => ({
      ...rung,
      ...{ name: `${rung.name}-trimmed`, evidence: [...rung.evidence, ...leftOut] },
      ...(rung.way === 'locked' ? { way: 'free', asOf: true } : {}),
      flags: [...rung.flags, 'dependencies-trimmed'],
    }))
}

function wholeLadder({ choices, works, hasLockfile }: LadderRequest): readonly Rung[] {
  const [first, ...otherChoices] = choices
  if (first === undefined) return []
  const [work, ...otherWorks] = works
  if (work === undefined) return []
  const rung = (name: string, rest: Partial<Rung>): Rung => ({
    ...{ name, choice: first, way: 'free', asOf: true, work, flags: [], ...rest },
    evidence: [(rest.work ?? work).evidence, ...(rest.evidence ?? [])],
  })
  const faithful = (name: string, rest: Partial<Rung>) =>
    rung(name, hasLockfile ? { way: 'locked', asOf: false, ...rest } : rest)
  const newer: Partial<Rung> = {
    ...{ way: 'newer', asOf: false, flags: ['registry-times-unsure'] },
    evidence: ['crates that this compiler does not take ← the newest that the manifests allow'],
  }
  return [
    faithful(hasLockfile ? 'lockfile' : 'as-of', {}),
    ...otherWorks.map((other, at) => faithful(`${hasLockfile ? 'lockfile' : 'as-of'}-${at + 2}`, { work: other })),
    ...(hasLockfile ? [rung('lockfile-preferred', {})] : []),
    rung(hasLockfile ? 'lockfile-newer' : 'newer', newer),
    ...otherChoices.map((choice) => faithful(`rust-${choice.version}`, { choice })),
  ]
}

/** As the CI tests it, then cargo's defaults; either with the features without which changed test targets are left out, and at last without. */
export function worksOf(
  calls: readonly CargoCall[],
  missing: (flags: readonly string[]) => ReturnType<typeof missingFeatures>,
): readonly Work[] {
  const plain: Work = { call: null, flags: [], evidence: 'tests ← cargo test' }
  const [call] = calls
  const works = call === undefined ? [plain] : [asCalled(call), plain]
  const whole = works.map((work) => {
    const more = missing(work.flags)
    if (more === null) return work
    const evidence = `${work.evidence}, ${more.flags.join(' ')} ← ${more.targets.join(', ')}`
    return { ...work, flags: [...work.flags, ...more.flags], evidence }
  })
  const all = [...whole, ...works]
  const isSame = (one: Work, other: Work) => one.flags.join(' ') === other.flags.join(' ')
  return all.filter((work, at) => all.findIndex((other) => isSame(work, other)) === at)
}

function asCalled(call: CargoCall): Work {
  const flags = call.arguments.slice(1)
  const end = flags.indexOf('--')
  const own = end === -1 ? flags : flags.slice(0, end)
  return { call, flags: chosenFlags(own), evidence: `tests ← ${call.from} (cargo ${call.arguments.join(' ')})` }
}
