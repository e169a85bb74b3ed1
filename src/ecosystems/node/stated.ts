import type { Evidence, Reason } from '../../model/index.ts'
import { recognise, testFrameworks } from '../../test-frameworks/index.ts'
import type { Invocation, ProjectView } from '../../test-frameworks/types.ts'
import type { ProposeContext } from '../types.ts'
import type { NodeChoice } from './node-choice.ts'
import { roleOf } from './programs.ts'
import { expandText, programsIn, type Step } from './scripts.ts'
import type { TestWork } from './test-work.ts'
import type { Package } from './workspaces.ts'

/** A setting of the owners that can't be followed, quoted, with why. */
export interface Unfollowed {
  readonly reason: Reason
  readonly evidence: Evidence & { readonly setting: string; readonly value: unknown }
}

/** What the owners' settings come to in this tree. */
export interface Stated {
  /** Null: nothing is said of it, or it can't be followed. */
  readonly node: NodeChoice | null
  readonly work: TestWork | null
  readonly unfollowed: readonly Unfollowed[]
}

export interface StatedRequest {
  readonly context: ProposeContext
  readonly packages: readonly Package[]
  /** The ways to test that the repository itself shows. */
  readonly works: readonly TestWork[]
  readonly project: (directory: string) => ProjectView
}

/** Where owners' words stand, in evidence. */
export const statedFrom = '.github/quarry.yml'

/** The folders that the owners' commands run in: the root where they name none. */
export function statedDirectories({ stated }: Pick<ProposeContext, 'stated'>): readonly string[] {
  const named = stated?.directory ?? '.'
  const clean = [named].flat().map((folder) => folder.replace(/^(?:\.\/)+|\/+$/g, '') || '.')
  return [...new Set(clean)]
}

/** Settles the stated Node: as of the merge, and where there was none then, as of now. */
export async function statedNode({ stated, tools, mergedAt }: ProposeContext): Promise<NodeChoice | Unfollowed | null> {
  const wanted = stated?.toolchain?.node
  if (wanted === undefined) return null
  const version =
    (await tools.resolveVersion('node', wanted, mergedAt)) ?? (await tools.resolveVersion('node', wanted, new Date()))
  if (version !== null) return { version, evidence: `node ${version} ← ${statedFrom} (${wanted})` }
  return unfollowed(
    'toolchain-not-available',
    'environment.toolchain.node',
    wanted,
    'no such version of Node is to be had',
  )
}

/** Settles how the owners' tests are run: their command, their framework, or what their folders have for a test script. */
export async function statedWork(request: StatedRequest): Promise<TestWork | Unfollowed | null> {
  const { stated, tree } = request.context
  const missing = statedDirectories(request.context).find(
    (folder) => folder !== '.' && !tree.paths.some((path) => path.startsWith(`${folder}/`)),
  )
  if (missing !== undefined)
    return unfollowed('no-test-framework', 'environment.directory', missing, 'there is no such folder')
  const { framework, command } = stated?.test ?? {}
  const wanted = framework === undefined ? null : frameworkName(framework)
  if (framework !== undefined && wanted === null)
    return unfollowed('no-test-framework', 'environment.test.framework', framework, `known: ${known()}`)
  if (command !== undefined) return commandWork(request, command, wanted)
  if (wanted !== null) return frameworkWork(request, wanted)
  return stated?.directory === undefined ? null : folderWork(request, stated.directory)
}

function frameworkName(stated: string): string | null {
  const name = stated
    .trim()
    .toLowerCase()
    .replace(/^node(?::test)?$/, 'node-test')
  return testFrameworks.find((framework) => framework.name === name)?.name ?? null
}

function known(): string {
  return testFrameworks.map(({ name }) => name).join(', ')
}

async function commandWork(
  request: StatedRequest,
  command: string,
  framework: string | null,
): Promise<TestWork | Unfollowed> {
  const setting = 'environment.test.command'
  const work = await workOf(request, stepsOf(request, command, setting), framework)
  if (work !== null) return { ...work, evidence: `tests ← ${statedFrom} test.command: ${command}` }
  return unfollowed('no-test-framework', setting, command, `it does not start ${framework ?? `one of: ${known()}`}`)
}

/** The repository's own way to run that framework; where it shows none, the framework's bare command. */
async function frameworkWork(request: StatedRequest, framework: string): Promise<TestWork | Unfollowed> {
  const evidence = `tests ← ${statedFrom} test.framework: ${framework}`
  const folders = statedDirectories(request.context)
  const shown = request.works.find(({ invocations }) => invocations.some(({ directory }) => within(folders, directory)))
  for (const { steps } of shown === undefined ? [] : [shown, ...request.works]) {
    const work = await workOf(request, steps, framework)
    if (work !== null) return { ...work, evidence }
  }
  const bare = { vitest: 'vitest run', 'node-test': 'node --test' }[framework] ?? framework
  const work = await workOf(request, stepsOf(request, bare, 'environment.test.framework'), framework)
  if (work !== null) return { ...work, evidence }
  const why = 'nothing shows how it is started: add environment.test.command'
  return unfollowed('no-test-framework', 'environment.test.framework', framework, why)
}

async function folderWork(request: StatedRequest, stated: unknown): Promise<TestWork | Unfollowed> {
  const evidence = `tests ← ${statedFrom} directory: ${statedDirectories(request.context).join(', ')}`
  const steps = [stepsOf(request, 'npm test', 'environment.directory'), ...request.works.map((work) => work.steps)]
  for (const each of steps) {
    const work = await workOf(request, each, null)
    if (work !== null) return { ...work, evidence }
  }
  return unfollowed('no-test-framework', 'environment.directory', stated, 'no tests that can be run are there')
}

function stepsOf({ context, packages }: StatedRequest, text: string, setting: string): readonly Step[] {
  const [root] = packages
  if (root === undefined) return []
  return statedDirectories(context).flatMap((directory) => {
    const here = packages.find((each) => each.directory === directory) ?? { ...root, directory }
    return expandText(packages, here, text, `${statedFrom} ${setting}`, {})
  })
}

/** What of some steps runs tests in the stated folders, by that framework or by any; null: nothing. */
async function workOf(
  request: StatedRequest,
  steps: readonly Step[],
  framework: string | null,
): Promise<Omit<TestWork, 'evidence'> | null> {
  const programs = steps.flatMap(programsIn)
  const tests = programs.filter(({ invocation }) => roleOf(invocation) === 'test')
  // What owners call their test command is one, also where its name does not say so.
  const invocations = (tests.length > 0 ? tests : programs.slice(-1)).map(({ invocation }) => invocation)
  const kept: Invocation[] = []
  for (const invocation of invocations) {
    if (!within(statedDirectories(request.context), invocation.directory)) continue
    const plan = await recognise(invocation, request.project(invocation.directory))
    if (plan !== null && (framework === null || plan.framework === framework)) kept.push(invocation)
  }
  return kept.length === 0 ? null : { steps, invocations: kept }
}

function within(folders: readonly string[], directory: string): boolean {
  return folders.some((folder) => folder === '.' || directory === folder || directory.startsWith(`${folder}/`))
}

function unfollowed(reason: Reason, setting: string, value: unknown, detail: string): Unfollowed {
  return { reason, evidence: { setting, value, detail } }
}

export function isUnfollowed(outcome: object | null): outcome is Unfollowed {
  return outcome !== null && 'reason' in outcome
}
