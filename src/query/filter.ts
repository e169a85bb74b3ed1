import { z } from 'zod'
import { flagSchema } from '../model/index.ts'
import {
  dateForms,
  dateText,
  decimal,
  isInCalendar,
  list,
  listOf,
  oneOf,
  text,
  timeOf,
  wholeNumber,
} from './filter-values.ts'

/** Flags that follow from outcomes and change over time: a task that is always, or never, solved. */
export const signals = ['always-solved', 'never-solved'] as const
export const filterFlagSchema = oneOf([...flagSchema.options, ...signals])

export const sorts = [
  'newest',
  'oldest',
  'merged',
  '-merged',
  'lines',
  '-lines',
  'difficulty',
  '-difficulty',
  'solve_rate',
  '-solve_rate',
] as const

/** The keys of a task as it is listed. `statement` is there only where it is named in `fields`. */
export const taskFields = [
  'task',
  'revision',
  'content_hash',
  'sequence',
  'repository',
  'owner',
  'pull',
  'title',
  'miner',
  'ecosystem',
  'language',
  'frameworks',
  'licence',
  'visibility',
  'state',
  'flags',
  'fail_to_pass',
  'pass_to_pass',
  'files_changed',
  'lines_changed',
  'difficulty',
  'merged_at',
  'vetted_at',
  'earliest_at',
  'ended',
  'erased_at',
  'solve_rate',
  'statement',
] as const

const filterShape = {
  repository: list('repositories, as owner/name in whatever case', /^[\w.-]+\/[\w.-]+$/, 'acme/shop'),
  owner: list('owners, in whatever case', /^[\w.-]+$/, 'acme'),
  language: list('languages', null, 'typescript'),
  framework: list('test frameworks: tested with any of them', null, 'vitest'),
  miner: list('miners', null, 'linked-pull'),
  ecosystem: list('ecosystems', null, 'node'),
  licence: list('SPDX licence ids', null, 'Apache-2.0'),
  merged_after: dateText('merged then or later'),
  merged_before: dateText('merged before'),
  vetted_after: dateText('published then or later'),
  vetted_before: dateText('published before'),
  cutoff: dateText('the issue, the pull and its first commit are all of then or later'),
  fail_to_pass_min: wholeNumber('at least so many FAIL_TO_PASS tests'),
  fail_to_pass_max: wholeNumber('at most so many FAIL_TO_PASS tests'),
  files_min: wholeNumber('the fix changes at least so many files'),
  files_max: wholeNumber('the fix changes at most so many files'),
  lines_min: wholeNumber('the fix changes at least so many lines'),
  lines_max: wholeNumber('the fix changes at most so many lines'),
  difficulty_min: wholeNumber('at least this difficulty', 1, 5),
  difficulty_max: wholeNumber('at most this difficulty', 1, 5),
  solve_rate_min: decimal('solved in at least this share of the attempts'),
  solve_rate_max: decimal('solved in at most this share of the attempts'),
  attempts_min: wholeNumber('tried at least so often'),
  model: text('whose solve rate; without it that of all models together', 200, 'some-model-7b'),
  flag: listOf(filterFlagSchema, 'has all of these flags', 'missing-before'),
  without_flag: listOf(filterFlagSchema, 'has none of these flags', 'diff-unverified'),
  text: text('words of the statement, as web searches take them: "a phrase", or, -without', 1000, 'rounding -css'),
  exclude: list('not these tasks, by name, or name@revision', /^[\w.-]+-\d[\w.-]*(@\d{1,9})?$/, 'acme__shop-123'),
  exclude_repository: list('not of these repositories', /^[\w.-]+\/[\w.-]+$/, 'acme/shop'),
} as const

/** Its parts are plain, and the whole is what is turned into a number or a time: a union of turned parts is empty in the API's document. */
function moment(description: string) {
  const error = 'is neither a sequence number nor a time'
  const whole = `is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`
  const written = /^(\d{1,16}|\d{4}-\d{2}-\d{2}(T.+(Z|[+-]\d{2}:?\d{2}))?)$/
  return z
    .union(
      [z.int({ error: whole }).min(0, { error: whole }), z.date(), z.string({ error }).regex(written, { error })],
      { error },
    )
    .transform((given) => (typeof given === 'string' ? (/^\d+$/.test(given) ? Number(given) : timeOf(given)) : given))
    .refine((given) => (typeof given === 'number' ? Number.isSafeInteger(given) : isInCalendar(given)), {
      error,
    })
    .optional()
    .meta({
      description: `${description}: a publication sequence number, or a time`,
      example: 1200,
      anyOf: [{ type: 'integer', minimum: 0 }, ...dateForms],
    })
}

const queryShape = {
  sort: oneOf(sorts).default('newest').meta({
    description: 'the order; `-` is descending; tasks without a solve rate come last',
    example: '-merged',
  }),
  limit: wholeNumber('tasks a page', 1, 1000)
    .unwrap()
    .default(100)
    .meta({ description: 'tasks a page, 1 to 1000; 100 by default' }),
  cursor: text('`next_cursor` of the page before, with the same query', 1000, 'eyJ…'),
  as_of: moment('the set as it was then: the same for ever'),
  ended_since: moment('instead of live tasks those that were quarantined or retired since'),
  fields: listOf(oneOf(taskFields), 'only these keys of each task; commas may stand between', 'task', ','),
} as const

type Ranges = Readonly<Record<string, unknown>>

/** A range that holds nothing is a slip, not a wish. */
function checkRanges(given: Ranges, refuse: (field: string, problem: string, mend: string) => void): void {
  for (const name of ['fail_to_pass', 'files', 'lines', 'difficulty', 'solve_rate']) {
    const [min, max] = [given[`${name}_min`], given[`${name}_max`]]
    if (typeof min === 'number' && typeof max === 'number' && min > max)
      refuse(`${name}_min`, `is ${min}, above ${name}_max, ${max}`, 'swap the two, or leave one out')
  }
  for (const name of ['merged', 'vetted']) {
    const [after, before] = [given[`${name}_after`], given[`${name}_before`]]
    if (after instanceof Date && before instanceof Date && after >= before)
      refuse(`${name}_after`, `is not before ${name}_before`, 'swap the two, or leave one out')
  }
}

/** What changes over time says nothing of a set that stays the same for ever. */
function checkAsOf(given: Asked, refuse: (field: string, problem: string, mend: string) => void) {
  if (given.as_of === undefined) return
  const changing = ['solve_rate_min', 'solve_rate_max', 'attempts_min', 'model', 'ended_since'] as const
  const refused: (string | null)[] = [
    ...changing.filter((name) => given[name] !== undefined),
    given.sort.endsWith('solve_rate') ? 'sort' : null,
    given.flag?.some(isSignal) ? 'flag' : null,
    given.without_flag?.some(isSignal) ? 'without_flag' : null,
    given.fields?.includes('solve_rate') ? 'fields' : null,
  ]
  for (const field of refused.filter((name) => name !== null))
    refuse(field, 'changes over time and can not be asked together with as_of', 'leave one of the two out')
}

export const isSignal = (flag: string): flag is (typeof signals)[number] => signals.some((signal) => signal === flag)

const refuser = (context: z.core.$RefinementCtx) => (field: string, problem: string, mend: string) =>
  context.addIssue({ code: 'custom', path: [field], message: problem, params: { mend } })

const bareQuery = z.strictObject({ ...filterShape, ...queryShape })

/** What queries have in common, whatever else they take. */
type Asked = Omit<z.output<typeof bareQuery>, 'limit' | 'cursor'>

/** What is wrong between the fields of a query: ranges that hold nothing, and what changes over time as of a sequence. */
export function refineQuery(given: Asked, context: z.core.$RefinementCtx): void {
  checkRanges(given, refuser(context))
  checkAsOf(given, refuser(context))
}

/**
 * Which tasks: every name is optional, all must hold. Strict: a name that is not known is refused. Takes what a query string gives
 * (text, a repeated name as a list) and what JSON gives (numbers, lists) alike. `problemsOf` tells what is wrong with a refused one.
 */
export const taskFilterSchema = z
  .strictObject(filterShape)
  .superRefine((given, context) => checkRanges(given, refuser(context)))
export type TaskFilter = z.output<typeof taskFilterSchema>

/** A filter with its sort, its page, its time and the keys that are wanted. */
export const taskQuerySchema = bareQuery.superRefine((given, context) => refineQuery(given, context))
export type TaskQuery = z.output<typeof taskQuerySchema>
/** A query as a caller writes it. */
export type TaskQueryInput = z.input<typeof taskQuerySchema>
export type TaskSort = (typeof sorts)[number]
export type TaskField = (typeof taskFields)[number]
