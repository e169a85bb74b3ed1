import { evaluate, resolved, type Scope } from './expressions.ts'
import { type Fields, isRecord } from './values.ts'

/** One job that a matrix makes: what `matrix.x` stands for in it. */
export type Combination = Fields

/** More than GitHub starts for one matrix (256): what lies beyond never ran. */
const mostCombinations = 256

/** Every combination of a matrix, in GitHub's order, with `include` and `exclude`; one without names where there is none. */
export function combinations(matrix: unknown, scope: Scope): readonly Combination[] {
  const declared = resolved(matrix, scope)
  if (!isRecord(declared)) return [{}]
  const axes = Object.entries(declared).flatMap(([name, axis]) => {
    const values = name === 'include' || name === 'exclude' ? null : listOf(axis, scope)
    return values === null ? [] : [[name, values] as const]
  })
  const excluded = entries(declared.exclude, scope)
  const original = product(axes).filter(
    (combination) => !excluded.some((entry) => Object.keys(entry).length > 0 && matches(combination, entry)),
  )
  const made = included(axes.length === 0 ? [] : original, entries(declared.include, scope), axes)
  return made.length === 0 ? [{}] : made.slice(0, mostCombinations)
}

function listOf(axis: unknown, scope: Scope): readonly unknown[] | null {
  const list = resolved(axis, scope)
  if (!Array.isArray(list)) return null
  const values = list.map((value) => resolved(value, scope)).filter((value) => value !== undefined)
  return values.length === 0 ? null : values
}

function entries(list: unknown, scope: Scope): readonly Combination[] {
  const held = resolved(list, scope)
  return (Array.isArray(held) ? held : []).flatMap((entry: unknown) => {
    const value = typeof entry === 'string' ? evaluateEntry(entry, scope) : entry
    if (!isRecord(value)) return []
    return [Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(each, scope)] as const))]
  })
}

function evaluateEntry(entry: string, scope: Scope): unknown {
  return evaluate(/^\s*\$\{\{(.*)\}\}\s*$/s.exec(entry)?.[1] ?? '', scope)
}

function product(axes: readonly (readonly [string, readonly unknown[]])[]): readonly Combination[] {
  let made: Combination[] = [{}]
  for (const [name, values] of axes) {
    const next: Combination[] = []
    for (const combination of made) {
      for (const value of values) if (next.length < mostCombinations) next.push({ ...combination, [name]: value })
    }
    made = next
  }
  return made
}

/** An entry is laid over each combination whose own values it does not change; one that fits none is a job of its own. */
function included(
  original: readonly Combination[],
  list: readonly Combination[],
  axes: readonly (readonly [string, unknown])[],
): Combination[] {
  const names = new Set(axes.map(([name]) => name))
  let made: Combination[] = [...original]
  const own: Combination[] = []
  for (const entry of list.slice(0, mostCombinations)) {
    const fixed = Object.fromEntries(Object.entries(entry).filter(([name]) => names.has(name)))
    const fits = made.map((combination) => matches(combination, fixed))
    if (fits.includes(true)) made = made.map((each, index) => (fits[index] === true ? { ...each, ...entry } : each))
    else own.push(entry)
  }
  return [...made, ...own]
}

function matches(combination: Combination, entry: Combination): boolean {
  return Object.entries(entry).every(([name, value]) => JSON.stringify(combination[name]) === JSON.stringify(value))
}
