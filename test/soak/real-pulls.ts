import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** A real pull with what mining it must come to, where that is known. */
export const realPull = z.object({
  id: z.string(),
  /** `owner/name`. */
  repo: z.string(),
  /** A line of a pulls file. */
  pull: z.looseObject({ number: z.number() }),
  expected: z
    .object({
      state: z.enum(['vetted', 'refused']),
      fail_to_pass: z.array(z.string()),
      /** A benchmark that published it; it may have run some test files alone. */
      published_by: z.string().optional(),
    })
    .nullable(),
})
export type RealPull = z.infer<typeof realPull>

/** The pulls of the files that `QUARRY_CASES` names (JSON arrays, separated by `:`), whose clones are in `QUARRY_CLONES` as `owner+name`. */
export function realPulls(environment: Readonly<Record<string, string | undefined>>) {
  const { QUARRY_CASES: files, QUARRY_CLONES: clones } = environment
  if (files === undefined || clones === undefined) return []
  return files.split(':').flatMap((file) =>
    z
      .array(realPull)
      .parse(JSON.parse(readFileSync(file, 'utf8')))
      .map((one) => ({ ...one, clone: join(clones, one.repo.replace('/', '+')) }))
      .filter(({ clone }) => existsSync(clone)),
  )
}

/**
 * Whether two names mean one test. Frameworks, their reporters and the benchmarks write them differently (`pkg.Class.test`, `file > Class > test`,
 * `Test/sub`, a class for all of its tests), but the innermost name is the same, or is one that holds it.
 */
export function isSameTest(expected: string, found: string): boolean {
  const parts = found.split(' > ').flatMap((part) => [part, ...part.split(/[/.]|::/)])
  const innermost = expected.split(/ > |::| › /).at(-1) ?? expected
  const last = innermost.replace(/^(?:[\w$]+\.)+(?=[\w$]+(?:\[|\(|$))/, '')
  return parts.includes(innermost) || parts.includes(last) || found.endsWith(innermost)
}
