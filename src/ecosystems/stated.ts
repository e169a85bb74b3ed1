import { seeThrough } from '../ci/see-through.ts'
import type { SeenCommand } from '../ci/types.ts'
import type { Command, EnvironmentSettings, Evidence, Reason, Strategy } from '../model/index.ts'
import { recognise, testFrameworks } from '../test-frameworks/index.ts'
import type { Invocation } from '../test-frameworks/types.ts'
import type { Ecosystem, Proposal, ProposeContext } from './types.ts'

const statedFrom = '.github/quarry.yml'
const statedName = 'quarry-yml'

/** A setting of the owners that can't be followed, with why. */
interface Unfollowed {
  readonly reason: Reason
  readonly setting: string
  readonly value: unknown
  readonly detail: string
}

/** What the owners' settings come to; null: they say nothing of it, or it can't be followed. */
interface Settled {
  readonly toolchain: Readonly<Record<string, string>>
  readonly invocations: readonly Invocation[] | null
  readonly evidence: readonly string[]
  readonly unfollowed: readonly Unfollowed[]
}

/** The settings where they are meant for an ecosystem: those that name a framework or a tool of another are not. */
export function concerning(
  { name, tools }: Pick<Ecosystem, 'name' | 'tools'>,
  stated: EnvironmentSettings | null | undefined,
): EnvironmentSettings | null {
  if (stated === null || stated === undefined) return null
  const framework = testFrameworks.find((one) => one.name === stated.test?.framework)
  if (framework !== undefined) return framework.ecosystem === name ? stated : null
  const named = Object.keys(stated.toolchain ?? {})
  return named.length > 0 && !named.some((tool) => tools.includes(tool)) ? null : stated
}

/**
 * An ecosystem's proposals with the owners' settings laid over them: their versions of its tools, their tests and builds in all; their install as
 * a strategy of its own before the others. What can't be followed is said by a failed attempt before all, and flagged on the rest.
 */
export async function followStated(
  ecosystem: Ecosystem,
  context: ProposeContext,
  stated: EnvironmentSettings,
  proposals: readonly Proposal[],
): Promise<readonly Proposal[]> {
  const [first] = proposals
  if (first === undefined) return []
  const settled = await settle(ecosystem, context, stated, proposals)
  const own = stated.install === undefined || settled.unfollowed.length > 0 ? [] : [ownRung(context, stated, first)]
  const laid = [...own, ...proposals].map((proposal) => layOver(stated, settled, proposal))
  return unequal([...failed(ecosystem, stated, settled, first), ...laid])
}

async function settle(
  ecosystem: Ecosystem,
  context: ProposeContext,
  stated: EnvironmentSettings,
  proposals: readonly Proposal[],
): Promise<Settled> {
  const tools = await settleTools(ecosystem, context, stated)
  const tests = await settleTests(ecosystem, context, stated, proposals)
  return {
    toolchain: tools.toolchain,
    invocations: 'reason' in tests ? null : tests.invocations,
    evidence: [...tools.evidence, ...('reason' in tests ? [] : tests.evidence)],
    unfollowed: [...tools.unfollowed, ...('reason' in tests ? [tests] : [])],
  }
}

/** As of the merge, and where there was none then, as of now. */
async function settleTools(
  { tools: known }: Ecosystem,
  { tools, mergedAt }: ProposeContext,
  stated: EnvironmentSettings,
) {
  const toolchain: Record<string, string> = {}
  const evidence: string[] = []
  const unfollowed: Unfollowed[] = []
  for (const [tool, wanted] of Object.entries(stated.toolchain ?? {})) {
    if (!known.includes(tool) || wanted === undefined) continue
    const version =
      (await tools.resolveVersion(tool, wanted, mergedAt)) ?? (await tools.resolveVersion(tool, wanted, new Date()))
    if (version === null) {
      const setting = `environment.toolchain.${tool}`
      unfollowed.push({ reason: 'toolchain-not-available', setting, value: wanted, detail: `${tool} ${wanted}` })
      continue
    }
    toolchain[tool] = version
    evidence.push(`${tool} ${version} ← ${statedFrom} (${wanted})`)
  }
  return { toolchain, evidence, unfollowed }
}

type Tests = Pick<Settled, 'evidence'> & { readonly invocations: readonly Invocation[] | null }

async function settleTests(
  ecosystem: Ecosystem,
  context: ProposeContext,
  stated: EnvironmentSettings,
  proposals: readonly Proposal[],
): Promise<Tests | Unfollowed> {
  const folders = statedFolders(stated)
  const missing = folders.find(
    (folder) => folder !== '.' && !context.tree.paths.some((path) => path.startsWith(`${folder}/`)),
  )
  if (missing !== undefined) return noTests('environment.directory', missing, 'there is no such folder')
  const { framework, command } = stated.test ?? {}
  if (framework !== undefined && !testFrameworks.some(({ name }) => name === framework))
    return noTests('environment.test.framework', framework, `known: ${frameworksOf(ecosystem)}`)
  if (command !== undefined) {
    const kept = await known(await invocationsOf(context, folders, command), proposals, ecosystem, framework)
    return kept.length > 0
      ? { invocations: kept, evidence: [`tests ← ${statedFrom} test.command: ${command}`] }
      : noTests(
          'environment.test.command',
          command,
          `it does not start ${framework ?? `one of: ${frameworksOf(ecosystem)}`}`,
        )
  }
  if (framework === undefined && stated.directory === undefined) return { invocations: null, evidence: [] }
  const shown = proposals
    .flatMap(({ invocations }) => invocations)
    .filter(({ directory }) => isWithin(folders, directory))
  const kept = await known(shown, proposals, ecosystem, framework)
  if (kept.length > 0)
    return { invocations: kept, evidence: [`tests ← ${statedFrom} ${framework ?? folders.join(', ')}`] }
  return framework === undefined
    ? noTests('environment.directory', stated.directory, 'no tests that can be run are there')
    : noTests('environment.test.framework', framework, 'nothing shows how it is started: add environment.test.command')
}

/** Of some invocations, those that start a framework of this ecosystem (that one, where it is named); none twice. */
async function known(
  invocations: readonly Invocation[],
  [first]: readonly Proposal[],
  { name }: Ecosystem,
  framework: string | undefined,
): Promise<readonly Invocation[]> {
  const kept = new Map<string, Invocation>()
  for (const invocation of invocations) {
    const plan = first === undefined ? null : await recognise(invocation, first.project(invocation.directory))
    const started = testFrameworks.find((one) => one.name === plan?.framework)
    if (started?.ecosystem !== name || (framework !== undefined && started.name !== framework)) continue
    kept.set(JSON.stringify({ ...invocation, from: '' }), invocation)
  }
  return [...kept.values()]
}

async function invocationsOf(
  { tree }: ProposeContext,
  folders: readonly string[],
  text: string,
): Promise<readonly Invocation[]> {
  const seen: SeenCommand[] = []
  for (const directory of folders)
    seen.push(...(await seeThrough(tree, { text, directory, variables: {} }, `${statedFrom} test.command`)))
  return seen.map(({ words: [program = '', ...given], variables, directory, from }) => ({
    ...{ program, arguments: given, nodeArguments: [], variables, directory, from },
  }))
}

/** They are shell texts, as in a workflow's `run`. What they read is not known, so their layer is keyed by the whole tree. */
function ownRung(context: ProposeContext, stated: EnvironmentSettings, first: Proposal): Proposal {
  const settings = first.strategy.install[0]?.variables ?? {}
  const install = commandsOf(stated, stated.install ?? []).map((command) => ({
    ...command,
    variables: { ...settings, QUARRY_TREE: context.tree.tree },
  }))
  return {
    ...first,
    strategy: { ...first.strategy, name: statedName, overrides: [], install, asOf: context.mergedAt.toISOString() },
  }
}

function commandsOf(stated: EnvironmentSettings, texts: readonly string[]): readonly Command[] {
  return statedFolders(stated).flatMap((directory) =>
    texts.map((text) => ({ argv: ['sh', '-c', text], directory, variables: {} })),
  )
}

function layOver(
  stated: EnvironmentSettings,
  { toolchain, invocations, evidence, unfollowed }: Settled,
  proposal: Proposal,
): Proposal {
  const { strategy } = proposal
  const aside = unfollowed.map(({ setting, value, detail }) => ({
    setting,
    why: `${JSON.stringify(value)}: ${detail}`,
  }))
  if (stated.install !== undefined && strategy.name !== statedName)
    aside.push({
      setting: 'environment.install',
      why: `${JSON.stringify(stated.install)}: another way to install is tried`,
    })
  const followed = Object.entries(flat(stated)).filter(([setting]) => !aside.some((each) => each.setting === setting))
  const build = stated.build === undefined ? strategy.build : commandsOf(stated, stated.build)
  return {
    ...proposal,
    invocations: invocations ?? proposal.invocations,
    strategy: {
      ...strategy,
      build,
      toolchain: { ...strategy.toolchain, ...toolchain },
      flags: aside.length === 0 ? strategy.flags : [...new Set([...strategy.flags, 'settings-not-followed' as const])],
      evidence: [
        ...strategy.evidence,
        ...evidence,
        ...aside.map(({ setting, why }) => `not followed: ${statedFrom} ${setting}: ${why}`),
      ],
      ...(followed.length === 0 ? {} : { stated: Object.fromEntries(followed) }),
    },
  }
}

/** A failed attempt in the place of a strategy, where settings can't be followed; nothing where all can. */
function failed(
  { name }: Ecosystem,
  stated: EnvironmentSettings,
  { unfollowed }: Settled,
  { project }: Proposal,
): readonly Proposal[] {
  const [first] = unfollowed
  if (first === undefined) return []
  const settings: Evidence[] = unfollowed.map(({ setting, value, detail }) => ({ setting, value, detail }))
  const strategy: Omit<Strategy, 'tests'> = {
    ...{ name: statedName, ecosystem: name, toolchain: {}, overrides: [], install: [], build: [], variables: {} },
    ...{ asOf: null, flags: [], evidence: [], stated: flat(stated) },
  }
  const evidence = { detail: first.detail, settings }
  return [{ strategy, invocations: [], project, unfollowed: { reason: first.reason, evidence } }]
}

/** What is proposed twice is tried once. */
function unequal(proposals: readonly Proposal[]): readonly Proposal[] {
  const keys = proposals.map(({ strategy: { name: _, evidence: __, ...rest }, invocations }) =>
    JSON.stringify([rest, invocations]),
  )
  return proposals.filter((_, at) => keys.indexOf(keys[at] ?? '') === at)
}

function statedFolders({ directory = '.' }: EnvironmentSettings): readonly string[] {
  const clean = [directory].flat().map((folder) => folder.replace(/^(?:\.\/)+|\/+$/g, '') || '.')
  return [...new Set(clean)]
}

function isWithin(folders: readonly string[], directory: string): boolean {
  return folders.some((folder) => folder === '.' || directory === folder || directory.startsWith(`${folder}/`))
}

function frameworksOf({ name }: Ecosystem): string {
  return testFrameworks.flatMap((one) => (one.ecosystem === name ? [one.name] : [])).join(', ')
}

function noTests(setting: string, value: unknown, detail: string): Unfollowed {
  return { reason: 'no-test-framework', setting, value, detail }
}

/** The settings by their full names. */
function flat({ toolchain, test, ...rest }: EnvironmentSettings): Readonly<Record<string, unknown>> {
  const named = {
    ...Object.fromEntries(
      Object.entries(toolchain ?? {}).map(([tool, wanted]) => [`environment.toolchain.${tool}`, wanted]),
    ),
    'environment.install': rest.install,
    'environment.build': rest.build,
    'environment.test.framework': test?.framework,
    'environment.test.command': test?.command,
    'environment.directory': rest.directory,
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}
