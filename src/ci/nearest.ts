import semver from 'semver'
import type { Combination } from './matrix.ts'
import { isRecord, scalar } from './values.ts'

/** Words of a factor that tests something else than what most users run. */
const special =
  /nightly|beta|\bdev\b|alpha|\brc\b|\d(?:rc|a|b)\d|pypy|graal|jython|truffle|jruby|\bea\b|snapshot|canary|minimal|minimum|\bmin\b|msrv|oldest|lowest|experimental|prerelease|pre-release|free.?thread|\d+t$|lint|typing|mypy|style|\bdocs?\b|musl|i[36]86|aarch64|\barm|s390|ppc|riscv|wasm|\b(?:linux|x)?32\b|cross|miri|sanitiz|debug|no-?deps|bench/i

/** Switches that, when on, say so too. */
const odd = /experimental|xfail|allow.?fail|continue.on.error|nightly|\bdev\b|minimal|prerelease|debug/i

/**
 * Sorts by how near to the default on Linux a combination of values is: plain words and what most combinations look like first, then the
 * newest version, then the written order.
 */
export function nearestFirst<T>(list: readonly T[], valuesOf: (each: T) => Combination): readonly T[] {
  const judged = list.map((each) => ({ each, values: valuesOf(each) }))
  const fewest = Math.min(
    ...judged.map(({ values }) => Object.values(values).filter((value) => typeof value !== 'boolean').length),
  )
  const shapes = countShapes(judged.map(({ values }) => values))
  return judged
    .map(({ each, values }) => ({
      each,
      strange: strangeness(values, fewest) + rarity(values, shapes),
      version: highest(values),
    }))
    .toSorted((a, b) => a.strange - b.strange || compareVersions(b.version, a.version))
    .map(({ each }) => each)
}

/** How often values begin alike (`py312`, `py313`): one that begins like no other (`plugins`) is something out of the ordinary. */
function countShapes(list: readonly Combination[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const values of list) {
    for (const [name, value] of Object.entries(values)) {
      const key = `${name} ${shapeOf(value)}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      counts.set(name, Math.max(counts.get(name) ?? 0, counts.get(key) ?? 0))
    }
  }
  return counts
}

function rarity(values: Combination, shapes: ReadonlyMap<string, number>): number {
  const rare = Object.entries(values).map(([name, value]) => {
    const [own, most] = [shapes.get(`${name} ${shapeOf(value)}`) ?? 1, shapes.get(name) ?? 1]
    return (own * 2 <= most ? 2 * (1 - own / most) : 0) + 0.1 * ((scalar(value) ?? '').split('-').length - 1)
  })
  return rare.reduce((sum, each) => sum + each, 0)
}

function shapeOf(value: unknown): string {
  return /^[a-z]*/.exec((scalar(value) ?? '').toLowerCase())?.[0] ?? ''
}

/** True where a factor's value says that something out of the ordinary is tested. */
export function isSpecial(value: unknown): boolean {
  if (isRecord(value)) return Object.values(value).some(isSpecial)
  const text = scalar(value) ?? ''
  return !/^(?:\d+(?:\.\d+)*|ubuntu[\w.-]*)$/.test(text) && special.test(text)
}

function strangeness(values: Combination, fewest: number): number {
  const held = Object.entries(values)
  const strange = held.filter(([name, value]) => isSpecial(value) || (value === true && odd.test(name))).length
  const elsewhere = held.some(([, value]) => /windows|macos/i.test(scalar(value) ?? '')) ? 1000 : 0
  const keys = held.filter(([, value]) => typeof value !== 'boolean').length
  return elsewhere + strange * 10 + Math.max(0, keys - fewest)
}

/** The version in the combination, where one value looks like one. A channel's newest is above all numbers. */
function highest(values: Combination): string | null {
  for (const [name, value] of Object.entries(values)) {
    const text = scalar(value) ?? ''
    if (/^(?:stable|latest|lts.*|current)$/.test(text)) return '99999.0.0'
    const version = /^[^\d]*?(\d+(?:\.(?:\d+|x))*)(?:\.x)?$/.exec(text)?.[1]
    if (version !== undefined && !/^(?:os|image|runs-on|platform|system)$/.test(name)) return version
  }
  return null
}

function compareVersions(a: string | null, b: string | null): number {
  const [left, right] = [a, b].map((each) => semver.coerce(each ?? '0'))
  return left === null || right === null || left === undefined || right === undefined ? 0 : semver.compare(left, right)
}
