import semver from 'semver'
import type { Combination } from './matrix.ts'
import { isRecord, scalar } from './values.ts'

/** Words of a factor that tests something else than what most users run. */
const special =
  /nightly|beta|\bdev\b|alpha|\brc\b|\d(?:rc|a|b)\d|pypy|graal|jython|truffle|jruby|\bea\b|snapshot|canary|minimal|minimum|\bmin\b|msrv|oldest|lowest|experimental|prerelease|pre-release|free.?thread|\d+t$|lint|typing|mypy|style|\bdocs?\b|musl|i[36]86|aarch64|\barm|s390|ppc|riscv|wasm|32|cross|miri|sanitiz|debug|no-?deps|bench/i

/** Sorts by how near to the default on Linux a combination of values is: plain words first, then the newest version, then the written order. */
export function nearestFirst<T>(list: readonly T[], valuesOf: (each: T) => Combination): readonly T[] {
  const judged = list.map((each) => ({ each, values: valuesOf(each) }))
  const fewest = Math.min(...judged.map(({ values }) => Object.keys(values).length))
  return judged
    .map(({ each, values }) => ({ each, strange: strangeness(values, fewest), version: highest(values) }))
    .toSorted((a, b) => a.strange - b.strange || compareVersions(b.version, a.version))
    .map(({ each }) => each)
}

/** True where a factor's value says that something out of the ordinary is tested. */
function isSpecial(value: unknown): boolean {
  if (isRecord(value)) return Object.values(value).some(isSpecial)
  const text = scalar(value) ?? ''
  return !/^(?:\d+(?:\.\d+)*|ubuntu[\w.-]*)$/.test(text) && special.test(text)
}

function strangeness(values: Combination, fewest: number): number {
  const held = Object.entries(values)
  const strange = held.filter(([name, value]) => isSpecial(value) || (value === true && special.test(name))).length
  const elsewhere = held.some(([, value]) => /windows|macos/i.test(scalar(value) ?? '')) ? 1000 : 0
  return elsewhere + strange * 10 + (held.length - fewest)
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
