import type { z } from 'zod'
import { UserError } from '../errors.ts'
import { nearest } from '../model/nearest.ts'
import { filterFlagSchema, sorts, type TaskQuery, type TaskQueryInput, taskFields, taskQuerySchema } from './filter.ts'

/** What is wrong with one field of what somebody asked, and how to mend it. */
export interface Problem {
  readonly field: string
  /** Without the field's name: `is not a whole number from 1 to 1000`. */
  readonly problem: string
  readonly mend: string
}

/** A query that can't be answered as it is written. */
export class RefusedQuery extends UserError {
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ field, problem }) => `${field} ${problem}`).join('; '), {
      mend: problems.map(({ field, mend }) => `${field}: ${mend}`).join('; '),
    })
    this.problems = problems
  }
}

/** A query out of what a caller wrote. Throws `RefusedQuery`. */
export function readQuery(given: TaskQueryInput | Readonly<Record<string, unknown>>): TaskQuery {
  const read = taskQuerySchema.safeParse(given)
  if (!read.success) throw new RefusedQuery(problemsOf(read.error))
  return read.data
}

/** What a zod schema found wrong, told as problems of fields. `known` are the names that it takes; those of a query by default. */
export function problemsOf(
  error: z.ZodError,
  known: readonly string[] = Object.keys(taskQuerySchema.shape),
): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknown(issue.path, key, known))
    const [field = '', place] = issue.path.map(String)
    const shown = place === undefined ? field : `${field}[${place}]`
    return [{ field: shown, problem: issue.message, mend: mendOf(field, issue) }]
  })
}

function unknown(path: readonly PropertyKey[], key: string, known: readonly string[]): Problem {
  const near = nearest(key, known)
  return {
    field: [...path.map(String), key].join('.').slice(0, 200),
    problem: 'is not known',
    mend: near === null ? `known are ${known.join(', ')}` : `perhaps ${near} is meant`,
  }
}

const names: Readonly<Record<string, readonly string[]>> = {
  sort: sorts,
  flag: filterFlagSchema.options,
  without_flag: filterFlagSchema.options,
  fields: taskFields,
}

function mendOf(field: string, issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom' && typeof issue.params?.mend === 'string') return issue.params.mend
  const known = names[field]
  if (known !== undefined) return `one of ${known.join(', ')}`
  const shape: Readonly<Record<string, z.ZodType>> = taskQuerySchema.shape
  const { description, example } = shape[field]?.meta() ?? {}
  return `${description ?? 'leave it out'}${example === undefined ? '' : `, e.g. ${[example].flat().join(', ')}`}`
}
