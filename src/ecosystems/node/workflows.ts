import type { TreeReader } from '../../model/index.ts'
import { isRecord } from './manifest.ts'
import { joined } from './scripts.ts'
import { safeYaml } from './workspaces.ts'

/** One `run` step of a continuous-integration job. */
export interface CiRun {
  readonly text: string
  /** Relative to the root. */
  readonly directory: string
  readonly variables: Readonly<Record<string, string>>
}

/** One job of the repository's own continuous integration, as far as it tells how to make an environment. */
export interface CiJob {
  /** Where it stands: `.github/workflows/ci.yml job test`. */
  readonly from: string
  readonly linux: boolean
  /** What it gives setup-node, the matrix multiplied out, in order: `20`, `lts/*`, `18.x`. */
  readonly nodes: readonly string[]
  /** setup-node's `node-version-file`. */
  readonly nodeFile: string | null
  /** The version given to pnpm/action-setup. */
  readonly pnpm: string | null
  readonly runs: readonly CiRun[]
}

/** Values that a matrix gives a name, over all its combinations. */
type Matrix = ReadonlyMap<string, readonly string[]>

interface JobView {
  readonly tree: TreeReader
  readonly matrix: Matrix
  readonly defaults: CiRun
  readonly depth: number
}

/** Every job of the GitHub Actions workflows (and of `.travis.yml`), in path order. A file that is no YAML is passed over. */
export async function readCi(tree: TreeReader): Promise<readonly CiJob[]> {
  const jobs: CiJob[] = []
  const files = tree.paths.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)).sort()
  for (const path of files) {
    const workflow = safeYaml((await tree.read(path)) ?? '')
    const declared = isRecord(workflow) && isRecord(workflow.jobs) ? Object.entries(workflow.jobs) : []
    for (const [name, job] of declared) {
      if (isRecord(job) && isRecord(workflow)) jobs.push(await readJob(tree, `${path} job ${name}`, workflow, job))
    }
  }
  const travis = await tree.read('.travis.yml')
  if (travis !== null) jobs.push(readTravis(safeYaml(travis)))
  return jobs
}

async function readJob(
  tree: TreeReader,
  from: string,
  workflow: Readonly<Record<string, unknown>>,
  job: Readonly<Record<string, unknown>>,
): Promise<CiJob> {
  const matrix = readMatrix(isRecord(job.strategy) ? job.strategy.matrix : undefined)
  const defaults = {
    text: '',
    directory: workingDirectory(workflow) ?? workingDirectory(job) ?? '.',
    variables: { ...variablesOf(workflow), ...variablesOf(job) },
  }
  const found = await readSteps({ tree, matrix, defaults, depth: 0 }, job.steps)
  const system = fill(typeof job['runs-on'] === 'string' ? job['runs-on'] : 'linux', matrix)
  return {
    from,
    linux: system.length === 0 || system.some((value) => /ubuntu|linux|debian|\$\{\{/.test(value)),
    ...found,
  }
}

type Found = Pick<CiJob, 'nodes' | 'nodeFile' | 'pnpm' | 'runs'>

async function readSteps(view: JobView, steps: unknown): Promise<Found> {
  let found: Found = { nodes: [], nodeFile: null, pnpm: null, runs: [] }
  for (const step of Array.isArray(steps) ? steps : []) {
    if (isRecord(step)) found = merged(found, await readStep(view, step))
  }
  return found
}

function merged(left: Found, right: Found): Found {
  return {
    nodes: [...left.nodes, ...right.nodes],
    nodeFile: left.nodeFile ?? right.nodeFile,
    pnpm: left.pnpm ?? right.pnpm,
    runs: [...left.runs, ...right.runs],
  }
}

async function readStep(view: JobView, step: Readonly<Record<string, unknown>>): Promise<Found> {
  const uses = typeof step.uses === 'string' ? step.uses : ''
  const inputs = isRecord(step.with) ? step.with : {}
  const found: Found = { nodes: [], nodeFile: null, pnpm: null, runs: [] }
  if (typeof step.run === 'string') return { ...found, runs: [runOf(view, step, step.run)] }
  if (uses.startsWith('./')) return await readLocalAction(view, uses, inputs)
  if (/^pnpm\/action-setup@/.test(uses)) return { ...found, pnpm: scalar(inputs.version) }
  if (!/setup-node|setup-js|\/setup@/.test(uses)) return found
  const version = scalar(inputs['node-version'] ?? inputs.node_version)
  return {
    ...found,
    nodes: version === null ? [] : fill(version, view.matrix),
    nodeFile: scalar(inputs['node-version-file']),
  }
}

function runOf(view: JobView, step: Readonly<Record<string, unknown>>, text: string): CiRun {
  const own = typeof step['working-directory'] === 'string' ? step['working-directory'] : null
  return {
    text: text.replaceAll(/\$\{\{\s*matrix\.([\w-]+)\s*\}\}/g, (whole, name) => view.matrix.get(name)?.[0] ?? whole),
    directory: own === null ? view.defaults.directory : joined('.', own),
    variables: { ...view.defaults.variables, ...variablesOf(step) },
  }
}

/** A composite action of the repository's own; its inputs fill `inputs.x`. */
async function readLocalAction(view: JobView, uses: string, inputs: Readonly<Record<string, unknown>>): Promise<Found> {
  const folder = joined('.', uses)
  const content = (await view.tree.read(`${folder}/action.yml`)) ?? (await view.tree.read(`${folder}/action.yaml`))
  const action = content === null ? undefined : safeYaml(content)
  const none: Found = { nodes: [], nodeFile: null, pnpm: null, runs: [] }
  if (!isRecord(action) || !isRecord(action.runs) || view.depth > 3) return none
  const matrix = new Map(view.matrix)
  for (const [name, input] of isRecord(action.inputs) ? Object.entries(action.inputs) : []) {
    const value = scalar(inputs[name]) ?? (isRecord(input) ? scalar(input.default) : null)
    if (value !== null) matrix.set(`inputs.${name}`, fill(value, view.matrix))
  }
  return await readSteps({ ...view, matrix, depth: view.depth + 1 }, action.runs.steps)
}

function workingDirectory(holder: Readonly<Record<string, unknown>>): string | null {
  const run = isRecord(holder.defaults) ? holder.defaults.run : undefined
  const directory = isRecord(run) ? run['working-directory'] : undefined
  return typeof directory === 'string' ? joined('.', directory) : null
}

/** Plain variables; those made of expressions (`secrets.…`) say nothing here. */
function variablesOf(holder: Readonly<Record<string, unknown>>): Record<string, string> {
  const declared = isRecord(holder.env) ? holder.env : {}
  return Object.fromEntries(
    Object.entries(declared).flatMap(([name, value]) => {
      const text = scalar(value)
      return text === null || text.includes('${{') ? [] : [[name, text] as const]
    }),
  )
}

/** A matrix's values by name: axes, `include` (also for names without an axis), less what `exclude` takes off whole. */
function readMatrix(matrix: unknown): Matrix {
  const values = new Map<string, string[]>()
  if (!isRecord(matrix)) return values
  const add = (name: string, value: unknown): void => {
    const text = scalar(value)
    if (text !== null)
      values.set(
        name,
        [...(values.get(name) ?? []), text].filter((each, index, all) => all.indexOf(each) === index),
      )
    else if (isRecord(value)) for (const [key, inner] of Object.entries(value)) add(`${name}.${key}`, inner)
  }
  for (const [name, axis] of Object.entries(matrix)) {
    if (name !== 'include' && name !== 'exclude' && Array.isArray(axis)) for (const value of axis) add(name, value)
  }
  for (const entry of Array.isArray(matrix.include) ? matrix.include : []) {
    if (isRecord(entry) && !isOtherSystem(entry)) for (const [name, value] of Object.entries(entry)) add(name, value)
  }
  for (const entry of Array.isArray(matrix.exclude) ? matrix.exclude : []) {
    const [only, more] = isRecord(entry) ? Object.entries(entry) : []
    const gone = more === undefined && only !== undefined ? scalar(only[1]) : null
    if (only !== undefined && gone !== null)
      values.set(
        only[0],
        (values.get(only[0]) ?? []).filter((value) => value !== gone),
      )
  }
  return values
}

function isOtherSystem(entry: Readonly<Record<string, unknown>>): boolean {
  return Object.values(entry).some((value) => typeof value === 'string' && /^(?:windows|macos)-/.test(value))
}

/** An expression's values: `${{ matrix.node }}` gives as many as the matrix has, a plain text itself. */
function fill(text: string, matrix: Matrix): readonly string[] {
  const expression = /\$\{\{\s*(?:(?:matrix)\.([\w.-]+)|(inputs\.[\w.-]+))\s*(?:\|\|\s*'([^']*)'\s*)?\}\}/.exec(text)
  if (expression === null) return text.includes('${{') ? [] : [text]
  const values =
    matrix.get(expression[1] ?? expression[2] ?? '') ?? (expression[3] === undefined ? [] : [expression[3]])
  return values.map((value) => text.replace(expression[0], value))
}

/** YAML reads `node: 20` as a number and `1.10` as 1.1: GitHub has the same trap. */
function scalar(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null
}

function readTravis(travis: unknown): CiJob {
  const value = (key: string): string[] => {
    const held = isRecord(travis) ? travis[key] : undefined
    return (Array.isArray(held) ? held : [held]).flatMap((each) => scalar(each) ?? [])
  }
  const runs = [...value('before_script'), ...value('script')].map((text) => ({ text, directory: '.', variables: {} }))
  return { from: '.travis.yml', linux: true, nodes: value('node_js'), nodeFile: null, pnpm: null, runs }
}
