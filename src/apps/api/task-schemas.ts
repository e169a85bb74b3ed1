import { z } from 'zod'
import { flagSchema } from '../../model/index.ts'
import { signals, taskQuerySchema } from '../../query/filter.ts'

const count = z.int().min(0)
const time = z.iso.datetime()

/** The query as a body. Named once in a process: the document has one schema of a name. */
export const searchSchema = taskQuerySchema.meta({ id: 'TaskQuery' })

const statement = z.object({ title: z.string(), issue: z.string(), hints: z.string() }).meta({
  id: 'Statement',
  description:
    'What an agent is told: the issue as it stood when the pull was made; `hints` are comments older than it',
})

export const solveRate = z
  .object({
    attempts: count,
    solved: count,
    rate: z.number().min(0).max(1).nullable().describe('null: never tried'),
    signal: z.enum(signals).nullable().describe('Of all models together, after enough attempts'),
  })
  .meta({ id: 'SolveRate' })

/** The keys that every listed task has. */
export const taskKeys = {
  task: z.string().meta({ description: "The task's name", examples: ['acme__shop-123'] }),
  revision: z.int().min(1),
  content_hash: z.string().describe('The identity of what the task holds'),
  sequence: count.describe('The publication that brought it'),
  repository: z.string().meta({ examples: ['acme/shop'] }),
  owner: z.string().describe('The account, in lower case'),
  pull: z.int(),
  title: z.string(),
  miner: z.string(),
  ecosystem: z.string(),
  language: z.string().meta({ examples: ['typescript'] }),
  frameworks: z.array(z.string()).readonly(),
  licence: z.string().nullable().describe('SPDX; null: not known'),
  visibility: z.enum(['private', 'organisation', 'public']),
  state: z.enum(['live', 'quarantined', 'retired']).describe('As it is now, whatever sequence was asked for'),
  flags: z.array(flagSchema).readonly(),
  fail_to_pass: count.describe('How many tests the fix mends'),
  pass_to_pass: count.describe('How many tests pass before and after it'),
  files_changed: count,
  lines_changed: count,
  difficulty: z.int().min(1).max(5),
  merged_at: time,
  vetted_at: time.describe('When it was published'),
  earliest_at: time.describe('The oldest of issue, pull, first commit and merge'),
  ended: z
    .object({ sequence: count, reason: z.string().nullable(), at: time })
    .nullable()
    .describe('What took it out of the live set; null: it is live'),
  erased_at: time.nullable().describe('Of an erased task nothing but what stands here is left'),
}

/** A task in a list: `fields` picks among its keys. */
export const listedTaskSchema = z
  .object({
    ...z.object(taskKeys).partial().shape,
    solve_rate: solveRate.optional().describe('Left out together with `as_of`'),
    statement: statement.optional().describe('Only where `fields` names it'),
  })
  .meta({
    id: 'ListedTask',
    description: 'A task in a list. Every key is there but `statement`, unless `fields` names those that are wanted.',
  })

export const taskPageSchema = z
  .object({
    tasks: z.array(listedTaskSchema),
    next_cursor: z.string().nullable().describe('What to give as `cursor` for the next page; null: this is the last'),
    as_of: count.describe(
      'The publication sequence that all pages of this query show; given as `as_of`, the same set for ever',
    ),
  })
  .meta({ id: 'TaskPage' })

export const taskSchema = z
  .object({
    ...taskKeys,
    solve_rate: solveRate.optional(),
    statement,
    base_commit: z
      .string()
      .describe("The mainline commit just before the pull's work, in the repository's own history"),
  })
  .meta({ id: 'Task' })
