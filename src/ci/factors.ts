import { splitAtCommas } from './config-file.ts'
import { nearestFirst } from './nearest.ts'

const mostNames = 120

/** `py{38,39}-{a,b}` and `py3{8-11}` as all the names that they stand for. */
export function expandBraces(text: string): readonly string[] {
  let names = [text.replaceAll(/\s/g, '')]
  for (let round = 0; round < 8 && names.some((name) => /\{[^{}]*\}/.test(name)); round += 1) {
    names = names
      .flatMap((name) => {
        const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(name)
        if (found === null) return [name]
        const [, before = '', inner = '', after = ''] = found
        return choicesIn(inner).map((choice) => `${before}${choice}${after}`)
      })
      .slice(0, mostNames)
  }
  return names.map((name) => name.replaceAll(/-{2,}/g, '-').replaceAll(/^-|-$/g, '')).filter((name) => name !== '')
}

function choicesIn(inner: string): readonly string[] {
  return inner.split(',').flatMap((choice) => {
    const range = /^(\d{1,3})-(\d{1,3})$/.exec(choice)
    if (range === null) return [choice]
    const [from, to] = [Number(range[1]), Number(range[2])]
    return Array.from({ length: Math.min(100, Math.max(0, to - from + 1)) }, (_, index) => String(from + index))
  })
}

/** Whether a condition on factors (`py{38,39}-django,!lint`) holds for an environment of this name. */
export function factorsHold(condition: string, name: string): boolean {
  const factors = new Set([name, ...name.split('-')])
  return splitAtCommas(condition)
    .flatMap((alternative) => expandBraces(alternative))
    .some((alternative) =>
      alternative
        .split('-')
        .every((factor) => (factor.startsWith('!') ? !factors.has(factor.slice(1)) : factors.has(factor))),
    )
}

/** The interpreter that an environment's name asks for: `py312-x` → `3.12`, `pypy39` → `pypy3.9`; null: none. */
export function pythonIn(name: string): string | null {
  for (const factor of name.split('-')) {
    const found = /^(py|pypy|python|cpython)?(\d)(?:\.?(\d{1,2}))?(t)?$/.exec(factor)
    if (found === null || (found[1] === undefined && !factor.includes('.'))) continue
    const [, kind = '', major = '', minor, threads = ''] = found
    return `${kind === 'pypy' ? 'pypy' : ''}${major}${minor === undefined ? '' : `.${minor}`}${threads}`
  }
  return null
}

/** Of environments that do the same, the one nearest to the default on Linux, in the order in which they stand. */
export function nearestOfEach<T>(
  list: readonly T[],
  nameOf: (each: T) => string,
  doing: (each: T) => string,
): readonly T[] {
  const groups = new Map<string, T[]>()
  for (const each of list) groups.set(doing(each), [...(groups.get(doing(each)) ?? []), each])
  return [...groups.values()].flatMap((group) => nearest(group, nameOf).slice(0, 1))
}

/** Names by how near to the default they are. */
function nearest<T>(list: readonly T[], nameOf: (each: T) => string): readonly T[] {
  return nearestFirst(list, (each) => ({ name: nameOf(each), version: pythonIn(nameOf(each)) ?? '0' }))
}
