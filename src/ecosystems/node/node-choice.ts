import semver from 'semver'
import { readToolVersions } from '../../ci/tool-versions.ts'
import type { TreeReader } from '../../model/index.ts'
import type { ToolVersions } from '../types.ts'
import type { CiTestJob } from './ci-tests.ts'
import { isRecord, type Manifest } from './manifest.ts'

/** A version of Node to try, and where it came from. */
export interface NodeChoice {
  readonly version: string
  readonly evidence: string
}

interface Wish {
  readonly range: string
  readonly from: string
}

const mostChoices = 3

/**
 * The versions of Node that the repository means, the most faithful first: what a version file pins, then the newest of its
 * own test matrix (long-term lines before others), then the long-term line of the day within `engines`, then the newest
 * that `engines` allows. All are versions that were out at `mergedAt`.
 */
export async function chooseNode(
  tree: TreeReader,
  root: Manifest,
  jobs: readonly CiTestJob[],
  mergedAt: Date,
  tools: ToolVersions,
): Promise<readonly NodeChoice[]> {
  const choices: NodeChoice[] = []
  const add = (choice: NodeChoice | null): void => {
    const same = choice === null || choices.some((each) => semver.major(each.version) === semver.major(choice.version))
    if (choice !== null && !same && choices.length < mostChoices) choices.push(choice)
  }
  for (const wish of await pinned(tree, root, jobs)) add(await choose(wish, mergedAt, tools))
  for (const choice of await fromMatrix(jobs, mergedAt, tools)) add(choice)
  for (const choice of await fromEngines(root, mergedAt, tools)) add(choice)
  return choices
}

/** Version files and manifest fields that name one version, the most specific first. */
async function pinned(tree: TreeReader, root: Manifest, jobs: readonly CiTestJob[]): Promise<readonly Wish[]> {
  const wishes: Wish[] = []
  const add = (range: string | null | undefined, from: string): void => {
    if (range !== null && range !== undefined && range.trim() !== '') wishes.push({ range: range.trim(), from })
  }
  for (const path of ['.nvmrc', '.node-version']) add(firstLine(await tree.read(path)), path)
  add(root.volta.node, 'package.json volta.node')
  for (const { tool, version, from } of await readToolVersions(tree)) if (tool === 'node') add(version, from)
  add(devEngine(root), 'package.json devEngines.runtime')
  const file = jobs.find(({ job }) => job.nodeFile !== null)?.job
  if (file?.nodeFile != null && !file.nodeFile.endsWith('package.json'))
    add(firstLine(await tree.read(file.nodeFile)), file.nodeFile)
  return wishes
}

function firstLine(content: string | null): string | null {
  return (
    content
      ?.split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .find((line) => line !== '') ?? null
  )
}

function devEngine(root: Manifest): string | undefined {
  const runtime = isRecord(root.devEngines) ? root.devEngines.runtime : undefined
  const one = Array.isArray(runtime) ? runtime.find((each) => isRecord(each) && each.name === 'node') : runtime
  return isRecord(one) && one.name === 'node' && typeof one.version === 'string' ? one.version : undefined
}

/** The version a wish stands for; one that the registry lacks is replaced by the nearest of its line, and that is said. */
async function choose(wish: Wish, mergedAt: Date, tools: ToolVersions): Promise<NodeChoice | null> {
  const range = wish.range.replace(/^['"]|['"]$/g, '')
  const version = await tools.resolveVersion('node', range, mergedAt)
  if (version !== null) return { version, evidence: `node ${version} ← ${wish.from} (${wish.range})` }
  const exact = semver.valid(range)
  if (exact === null) return null
  for (const near of [`~${exact}`, `${semver.major(exact)}.${semver.minor(exact)}`, String(semver.major(exact))]) {
    const found = await tools.resolveVersion('node', near, mergedAt)
    if (found !== null)
      return {
        version: found,
        evidence: `node ${found} ← ${wish.from} (${wish.range} is not to be had: nearest of its line)`,
      }
  }
  return null
}

/** The test job's matrix, long-term lines (even majors) before others, newest first. */
async function fromMatrix(
  jobs: readonly CiTestJob[],
  mergedAt: Date,
  tools: ToolVersions,
): Promise<readonly NodeChoice[]> {
  const job = jobs.find((each) => each.job.nodes.length > 0)?.job
  const resolved = await Promise.all(
    (job?.nodes ?? []).map((range) => choose({ range, from: job?.from ?? '' }, mergedAt, tools)),
  )
  return resolved
    .filter((choice) => choice !== null)
    .sort((a, b) => rank(b) - rank(a) || semver.rcompare(a.version, b.version))
}

function rank(choice: NodeChoice): number {
  return semver.major(choice.version) % 2 === 0 && semver.major(choice.version) >= 4 ? 1 : 0
}

async function fromEngines(root: Manifest, mergedAt: Date, tools: ToolVersions): Promise<readonly NodeChoice[]> {
  const engines = semver.validRange(root.engines.node ?? '*') ?? '*'
  const lts = await tools.resolveVersion('node', 'lts/*', mergedAt)
  const choices: NodeChoice[] = []
  const within = lts !== null && semver.satisfies(lts, engines)
  if (within)
    choices.push({
      version: lts,
      evidence: `node ${lts} ← long-term line on ${mergedAt.toISOString().slice(0, 10)}, within engines ${engines}`,
    })
  const newest = await tools.resolveVersion('node', engines, mergedAt)
  if (newest !== null) choices.push({ version: newest, evidence: `node ${newest} ← newest within engines ${engines}` })
  if (lts === null) return choices
  const older = await tools.resolveVersion('node', String(semver.major(lts) - 2), mergedAt)
  if (older !== null && semver.satisfies(older, engines))
    choices.push({ version: older, evidence: `node ${older} ← the long-term line before, within engines ${engines}` })
  return choices
}
