import type { EnvironmentSettings, Strategy } from '../../model/index.ts'
import type { ProjectView } from '../../test-frameworks/types.ts'
import type { Proposal } from '../types.ts'
import type { Rung } from './ladder.ts'
import { statedFrom, type Unfollowed } from './stated.ts'

/** The name of the strategy that is the owners' own. */
export const statedName = 'quarry-yml'

/** What a strategy says of the owners' settings: which it follows, and whether it leaves others aside. */
export function statedParts(
  stated: EnvironmentSettings | null,
  rung: Rung,
  unfollowed: readonly Unfollowed[],
): Pick<Strategy, 'flags' | 'evidence' | 'stated'> {
  if (stated === null) return { flags: rung.flags, evidence: rung.evidence }
  const aside = unfollowed.map(({ evidence: { setting, value, detail } }) => ({ setting, why: quoted(value, detail) }))
  if (stated.install !== undefined && rung.name !== statedName)
    aside.push({ setting: 'environment.install', why: quoted(stated.install, 'another way to install is tried') })
  const left = new Set(aside.map(({ setting }) => setting))
  const followed = Object.entries(flat(stated)).filter(([setting]) => !left.has(setting))
  return {
    flags: [...rung.flags, ...(aside.length === 0 ? [] : ['settings-not-followed' as const])],
    evidence: [...rung.evidence, ...aside.map(({ setting, why }) => `not followed: ${statedFrom} ${setting}: ${why}`)],
    ...(followed.length === 0 ? {} : { stated: Object.fromEntries(followed) }),
  }
}

/** A failed attempt in the place of a strategy, where settings can't be followed; nothing where all can. */
export function unfollowedProposal(
  stated: EnvironmentSettings | null,
  unfollowed: readonly Unfollowed[],
  project: (directory: string) => ProjectView,
): readonly Proposal[] {
  const [first] = unfollowed
  if (stated === null || first === undefined) return []
  const strategy = {
    name: statedName,
    ecosystem: 'node',
    toolchain: {},
    overrides: [],
    install: [],
    build: [],
    variables: {},
    asOf: null,
    flags: [],
    evidence: [],
    stated: flat(stated),
  }
  const settings = unfollowed.map(({ evidence }) => evidence)
  return [{ strategy, invocations: [], project, unfollowed: { reason: first.reason, evidence: { settings } } }]
}

function quoted(value: unknown, why: unknown): string {
  return `${JSON.stringify(value)}: ${String(why)}`
}

/** The settings by their full names. */
function flat({ toolchain, test, ...rest }: EnvironmentSettings): Readonly<Record<string, unknown>> {
  const named = {
    'environment.toolchain.node': toolchain?.node,
    'environment.install': rest.install,
    'environment.build': rest.build,
    'environment.test.framework': test?.framework,
    'environment.test.command': test?.command,
    'environment.directory': rest.directory,
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}
