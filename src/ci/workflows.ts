import type { TreeReader } from '../model/index.ts'
import { inside, isNever, resolved, type Scope } from './expressions.ts'
import { type Combination, combinations } from './matrix.ts'
import { nearestFirst } from './nearest.ts'
import { joined } from './paths.ts'
import { plainVariables, readSteps, type StepsView } from './steps.ts'
import type { CiJob } from './types.ts'
import { type Fields, isRecord, recordIn, safeYaml, scalar, texts } from './values.ts'

/** Workflows may call workflows, which may call workflows: GitHub allows ten levels, nobody needs them. */
const deepest = 4
const mostJobs = 200

interface Caller {
  readonly from: string
  readonly inputs: Fields
  readonly depth: number
  readonly everyPush: boolean
}

/** The jobs of all GitHub Actions workflows, in path order. A file that is no YAML is passed over. */
export async function readWorkflows(tree: TreeReader): Promise<readonly CiJob[]> {
  const jobs: CiJob[] = []
  const files = tree.paths.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)).sort()
  const parsed = await Promise.all(files.map(async (path) => [path, safeYaml((await tree.read(path)) ?? '')] as const))
  const called = new Set(parsed.flatMap(([, workflow]) => calledBy(workflow)))
  for (const [path, workflow] of parsed) {
    if (!isRecord(workflow) || (called.has(path) && isOnlyCalled(workflow))) continue
    const caller = { from: '', inputs: inputsOf(workflow, {}), depth: 0, everyPush: isEveryPush(workflow) }
    for (const job of await jobsOf(tree, path, workflow, caller)) if (jobs.length < mostJobs) jobs.push(job)
  }
  return jobs
}

async function jobsOf(tree: TreeReader, path: string, workflow: Fields, caller: Caller): Promise<readonly CiJob[]> {
  const jobs: CiJob[] = []
  for (const [name, job] of Object.entries(recordIn(workflow, 'jobs'))) {
    if (!isRecord(job) || jobs.length >= mostJobs) continue
    const scope = scopeOf(
      {},
      caller.inputs,
      plainVariables(workflow, () => undefined),
    )
    if (isNever(job.if, scope)) continue
    const from = `${caller.from}${path} job ${name}`
    const uses = scalar(job.uses)
    if (uses === null) jobs.push(await readJob(tree, from, workflow, job, caller))
    else jobs.push(...(await calledJobs(tree, uses, job, { ...caller, from }, scope)))
  }
  return jobs
}

/** The jobs of a workflow that a job calls. One of another repository is named by its setup alone. */
async function calledJobs(
  tree: TreeReader,
  uses: string,
  job: Fields,
  caller: Caller,
  scope: Scope,
): Promise<readonly CiJob[]> {
  const [first = {}] = nearestFirst(linuxCombinations(job, scope), (each) => each)
  const given = withInputs(recordIn(job, 'with'), scopeOf(first, caller.inputs, {}))
  if (!uses.startsWith('./')) return [foreignJob(uses, given, caller)]
  const path = joined('.', uses)
  const workflow = safeYaml((await tree.read(path)) ?? '')
  if (!isRecord(workflow) || caller.depth >= deepest) return []
  const inputs = inputsOf(workflow, given)
  return await jobsOf(tree, path, workflow, { ...caller, from: `${caller.from} › `, inputs, depth: caller.depth + 1 })
}

function foreignJob(uses: string, given: Fields, caller: Caller): CiJob {
  const [action = uses, ref = null] = uses.split('@')
  const inputs = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, texts(value)] as const))
  const { from, everyPush } = caller
  return {
    from,
    linux: true,
    everyPush,
    container: null,
    services: [],
    setups: [{ action, ref, inputs }],
    runs: [],
  }
}

async function readJob(tree: TreeReader, from: string, workflow: Fields, job: Fields, caller: Caller): Promise<CiJob> {
  const variables = plainVariables(workflow, scopeOf({}, caller.inputs, {}))
  const outer = scopeOf({}, caller.inputs, variables)
  const onLinux = linuxCombinations(job, outer)
  const views = onLinux.map((combination): StepsView => {
    const scope = scopeOf(combination, caller.inputs, variables)
    const own = { ...variables, ...plainVariables(job, scope) }
    const directory = workingDirectory(job, scope) ?? workingDirectory(workflow, scope) ?? '.'
    return { tree, scope: scopeOf(combination, caller.inputs, own), directory, variables: own, combination, depth: 0 }
  })
  const nearest = nearestFirst(views, (view) => view.combination)[0]
  const scope = nearest?.scope ?? outer
  return {
    from,
    linux: isLinux(job, scope),
    everyPush: caller.everyPush,
    container: imageOf(job.container, scope),
    services: Object.values(recordIn(job, 'services')).flatMap((service) => imageOf(service, scope) ?? []),
    ...(await readSteps(views, nearest, job.steps)),
  }
}

/** A matrix's combinations that run on Linux; all, where none does. */
function linuxCombinations(job: Fields, scope: Scope): readonly Combination[] {
  const all = combinations(recordIn(job, 'strategy').matrix, scope)
  const under =
    (combination: Combination): Scope =>
    (path) =>
      path[0] === 'matrix' ? inside(combination, path.slice(1)) : scope(path)
  const linux = all.filter((combination) => isLinux(job, under(combination)) && !isNever(job.if, under(combination)))
  return linux.length === 0 ? all : linux
}

function isLinux(job: Fields, scope: Scope): boolean {
  const wanted = job['runs-on']
  const labels = isRecord(wanted) ? wanted.labels : resolved(wanted, scope)
  const known = (Array.isArray(labels) ? labels : [labels]).map(
    (label: unknown) => scalar(resolved(label, scope)) ?? '',
  )
  return !known.some((label) => /windows|\bwin\d*\b|macos|\bmac\b|darwin|\bosx|bsd/i.test(label))
}

function imageOf(holder: unknown, scope: Scope): string | null {
  const image = scalar(resolved(isRecord(holder) ? holder.image : holder, scope))
  return image === null || image === '' ? null : image
}

function workingDirectory(holder: Fields, scope: Scope): string | null {
  const directory = scalar(resolved(recordIn(recordIn(holder, 'defaults'), 'run')['working-directory'], scope))
  return directory === null ? null : joined('.', directory)
}

function withInputs(given: Fields, scope: Scope): Fields {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, resolved(value, scope)] as const))
}

/** What a caller gives, over the defaults that a called workflow or a start by hand declares. */
function inputsOf(workflow: Fields, given: Fields): Fields {
  const on = recordIn(workflow, 'on')
  const declared = {
    ...recordIn(recordIn(on, 'workflow_dispatch'), 'inputs'),
    ...recordIn(recordIn(on, 'workflow_call'), 'inputs'),
  }
  const defaults = Object.entries(declared).map(
    ([name, input]) => [name, isRecord(input) ? (input.default ?? null) : null] as const,
  )
  return { ...Object.fromEntries(defaults), ...given }
}

/** What can be known of GitHub's contexts before anything runs. */
function scopeOf(matrix: Combination, inputs: Fields, variables: Readonly<Record<string, string>>): Scope {
  return ([root = '', ...path]) => {
    if (root === 'matrix') return inside(matrix, path)
    if (root === 'inputs') return inside(inputs, path)
    if (root === 'env') return variables[path[0] ?? '']
    if (root === 'runner') return { os: 'Linux', arch: 'X64' }[path[0] ?? '']
    if (root === 'github' && path[0] === 'workspace') return '.'
    return root === 'job' && path[0] === 'status' ? 'success' : undefined
  }
}

function triggersOf(workflow: Fields): readonly string[] {
  return isRecord(workflow.on) ? Object.keys(workflow.on) : texts(workflow.on)
}

function isEveryPush(workflow: Fields): boolean {
  const triggers = triggersOf(workflow)
  if (triggers.includes('pull_request') || triggers.includes('pull_request_target')) return true
  const push = recordIn(recordIn(workflow, 'on'), 'push')
  const onlyTags = push.tags !== undefined && push.branches === undefined
  return triggers.length === 0 || (triggers.includes('push') && !onlyTags) || triggers.includes('merge_group')
}

function isOnlyCalled(workflow: Fields): boolean {
  return triggersOf(workflow).every((trigger) => trigger === 'workflow_call')
}

function calledBy(workflow: unknown): readonly string[] {
  return Object.values(recordIn(workflow, 'jobs')).flatMap((job) => {
    const uses = isRecord(job) ? scalar(job.uses) : null
    return uses?.startsWith('./') === true ? [joined('.', uses)] : []
  })
}
