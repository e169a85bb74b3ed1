import { z } from 'zod'

const sha = z.string().regex(/^[0-9a-f]{40}$/, 'must be 40 lower-case hex digits')
const time = z.iso.datetime({ offset: true })
const user = z.object({ login: z.string(), type: z.string().default('User') })

export const issueSchema = z.object({
  number: z.int().positive(),
  title: z.string(),
  body: z
    .string()
    .nullish()
    .transform((body) => body ?? ''),
  created_at: time,
  user: user.nullish().transform((value) => value ?? null),
  comments: z
    .array(
      z.object({
        user: user.nullish().transform((value) => value ?? null),
        body: z
          .string()
          .nullish()
          .transform((body) => body ?? ''),
        created_at: time,
      }),
    )
    .default([]),
})

/** One line of a pulls file: GitHub's REST `pull` cut down to what is used, with the issues it closes. */
export const pullLineSchema = z.object({
  number: z.int().positive(),
  title: z.string(),
  body: z
    .string()
    .nullish()
    .transform((body) => body ?? ''),
  created_at: time.nullish().transform((value) => value ?? null),
  merged_at: time.nullable(),
  merge_commit_sha: sha.nullable(),
  base: z
    .object({ ref: z.string() })
    .nullish()
    .transform((value) => value ?? null),
  head: z
    .object({ sha: sha.nullish().transform((value) => value ?? null) })
    .nullish()
    .transform((value) => value ?? null),
  user: user.nullish().transform((value) => value ?? null),
  labels: z.array(z.object({ name: z.string() })).default([]),
  issues: z.array(issueSchema).optional(),
})

export type Issue = z.infer<typeof issueSchema>
export type PullLine = z.infer<typeof pullLineSchema>

/** Where a merged pull was read from. */
export type PullSource = 'webhook' | 'backfill' | 'pulls-file' | 'history'

/** A merged pull as every later stage sees it, whatever its source. */
export interface MergedPull {
  readonly number: number
  readonly title: string
  readonly body: string
  readonly createdAt: Date | null
  readonly mergedAt: Date
  readonly mergeCommit: string
  readonly baseRef: string | null
  readonly head: string | null
  readonly user: { readonly login: string; readonly type: string } | null
  readonly labels: readonly string[]
  /** Issues known whole; those known by number only stand in `closes` alone. */
  readonly issues: readonly Issue[]
  /** Numbers of the issues of this repository that the pull closes. */
  readonly closes: readonly number[]
  readonly source: PullSource
}
