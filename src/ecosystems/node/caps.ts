import { lineStart } from '../../package-gateway/index.ts'

/** Packages whose next release line breaks builds that were right before it, and whose lines are dated. */
const capped = ['typescript'] as const
const mostMajors = 20
const mostMinors = 20

/**
 * Ranges that keep to the release lines of a day: `typescript` → `<4.8.0` for July 2022. For installs that resolve as of
 * today: a compiler that came later refuses code that was right when it was written.
 */
export function capsAt(mergedAt: Date): ReadonlyMap<string, string> {
  return new Map(
    capped.flatMap((name) => {
      const next = firstLineAfter(name, mergedAt.getTime())
      return next === null ? [] : [[name, `<${next}`] as const]
    }),
  )
}

function firstLineAfter(name: string, time: number): string | null {
  for (let major = 0; major < mostMajors; major += 1) {
    for (let minor = 0; minor < mostMinors; minor += 1) {
      const version = `${major}.${minor}.0`
      if ((lineStart(name, version) ?? 0) > time) return version
    }
  }
  return null
}
