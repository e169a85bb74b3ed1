import type { TreeReader } from '../model/index.ts'
import { actionCommand } from './action-commands.ts'
import { filled, inside, interpolate, isNever, resolved, type Scope } from './expressions.ts'
import type { Combination } from './matrix.ts'
import { joined } from './paths.ts'
import type { CiRun, CiSetup } from './types.ts'
import { type Fields, isRecord, recordIn, safeYaml, scalar } from './values.ts'

/** One combination of a job's matrix, as its steps see it. */
export interface StepsView {
  readonly tree: TreeReader
  readonly scope: Scope
  readonly combination: Combination
  readonly directory: string
  readonly variables: Readonly<Record<string, string>>
  /** Of composite actions within composite actions. */
  readonly depth: number
}

/** A set-up step with its place among the steps, which is the same in every combination. */
interface PlacedSetup extends CiSetup {
  readonly place: string
}

interface Found {
  readonly setups: readonly PlacedSetup[]
  readonly runs: readonly CiRun[]
}

const deepest = 4
const mostSteps = 300

/** The steps of a job: inputs of its set-up actions over all combinations, and its commands in the one that is nearest to the default. */
export async function readSteps(
  views: readonly StepsView[],
  nearest: StepsView | undefined,
  steps: unknown,
): Promise<{ readonly setups: readonly CiSetup[]; readonly runs: readonly CiRun[] }> {
  const setups: PlacedSetup[] = []
  let runs: readonly CiRun[] = []
  for (const view of views) {
    const found = await stepsOf(view, steps, '')
    setups.push(...found.setups)
    if (view === nearest) runs = found.runs
  }
  return { setups: mergedSetups(setups), runs }
}

async function stepsOf(view: StepsView, steps: unknown, outer: string): Promise<Found> {
  const setups: PlacedSetup[] = []
  const runs: CiRun[] = []
  for (const [index, step] of (Array.isArray(steps) ? steps.slice(0, mostSteps) : []).entries()) {
    if (!isRecord(step) || isNever(step.if, view.scope)) continue
    const found = await stepOf(view, step, `${outer}/${index}`)
    setups.push(...found.setups)
    runs.push(...found.runs)
  }
  return { setups, runs }
}

async function stepOf(view: StepsView, step: Fields, place: string): Promise<Found> {
  const run = scalar(step.run)
  if (run !== null) return { setups: [], runs: isPosix(step.shell) ? [runOf(view, step, run)] : [] }
  const uses = scalar(step.uses) ?? ''
  const given = recordIn(step, 'with')
  if (uses.startsWith('./')) return await localAction(view, uses, given, place)
  const [action = '', ref = null] = uses.split('@')
  if (action === '') return { setups: [], runs: [] }
  const known = Object.entries(given).flatMap(([name, value]) => {
    const text = scalar(resolved(value, view.scope))
    return text === null ? [] : [[name, text] as const]
  })
  const command = actionCommand(action, Object.fromEntries(known))
  const inputs = Object.fromEntries(known.map(([name, text]) => [name, [text]] as const))
  return { setups: [{ place, action, ref, inputs }], runs: command === null ? [] : [runOf(view, step, command)] }
}

/** Steps in Python, PowerShell or cmd are not shell text. */
function isPosix(shell: unknown): boolean {
  return !/^(?:python|pwsh|powershell|cmd|node|nu|Rscript|perl)\b/.test(scalar(shell) ?? '')
}

function runOf(view: StepsView, step: Fields, text: string): CiRun {
  const own = scalar(step['working-directory'])
  const directory = own === null ? view.directory : joined('.', interpolate(own, view.scope))
  return {
    text: interpolate(text, view.scope),
    directory,
    variables: { ...view.variables, ...plainVariables(step, view.scope) },
  }
}

/** A composite action of the repository's own; its inputs fill `inputs.x`. */
async function localAction(view: StepsView, uses: string, given: Fields, place: string): Promise<Found> {
  const folder = joined('.', uses)
  const content = (await view.tree.read(`${folder}/action.yml`)) ?? (await view.tree.read(`${folder}/action.yaml`))
  const action = content === null ? undefined : safeYaml(content)
  if (!isRecord(action) || view.depth >= deepest) return { setups: [], runs: [] }
  const inputs = Object.fromEntries(
    Object.entries(recordIn(action, 'inputs')).map(([name, input]) => {
      const value = Object.hasOwn(given, name) ? given[name] : isRecord(input) ? input.default : null
      return [name, resolved(value, view.scope)] as const
    }),
  )
  const scope: Scope = (path) => (path[0] === 'inputs' ? inside(inputs, path.slice(1)) : view.scope(path))
  return await stepsOf({ ...view, scope, depth: view.depth + 1 }, recordIn(action, 'runs').steps, place)
}

/** An `env` without what only a run can know (`secrets.…`). */
export function plainVariables(holder: Fields, scope: Scope): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordIn(holder, 'env')).flatMap(([name, value]) => {
      const text = scalar(value)
      const plain = text === null ? null : filled(text, scope)
      return plain === null ? [] : [[name, plain] as const]
    }),
  )
}

/** The same step of each combination as one, with every value that its inputs have, each once. */
function mergedSetups(setups: readonly PlacedSetup[]): readonly CiSetup[] {
  const merged = new Map<string, { action: string; ref: string | null; inputs: Record<string, string[]> }>()
  for (const { place, action, ref, inputs } of setups) {
    const held = merged.get(place) ?? { action, ref, inputs: {} }
    merged.set(place, held)
    for (const [name, values] of Object.entries(inputs)) {
      // Versions may stand as a list, one a line.
      const each = name.includes('version') ? values.flatMap((value) => value.trim().split(/\s*\n\s*/)) : values
      held.inputs[name] = [...new Set([...(held.inputs[name] ?? []), ...each])]
    }
  }
  return [...merged.values()]
}
