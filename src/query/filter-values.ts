import { z } from 'zod'
import { nearest } from '../model/nearest.ts'

/** Largest whole number of a facet: Postgres' integer. */
const MOST = 2_147_483_647
const MOST_IN_LIST = 10_000
const LONGEST_WORD = 300

/** The values that filters are made of. A query string gives text, JSON gives numbers and lists: each takes both. */
export function wholeNumber(description: string, min = 0, max = MOST) {
  const error = `is not a whole number from ${min} to ${max}`
  return z.preprocess(numberOf, z.int({ error }).min(min, { error }).max(max, { error })).optional().meta({
    description,
    example: min,
  })
}

export function decimal(description: string) {
  const error = 'is not a number from 0 to 1'
  return z
    .preprocess(numberOf, z.number({ error }).min(0, { error }).max(1, { error }))
    .optional()
    .meta({ description: `${description}, 0 to 1`, example: 0.5 })
}

const numberOf = (given: unknown) =>
  typeof given === 'string' && /^-?\d{1,16}(\.\d{1,16})?$/.test(given) ? Number(given) : given

/** As JSON Schema has them: the expression below is for what no calendar has. */
export const dateForms = [
  { type: 'string', format: 'date' },
  { type: 'string', format: 'date-time' },
] as const

/** A day (`2024-05-01`: its beginning in UTC) or a time in ISO 8601 with its zone. */
export function dateText(description: string) {
  const error = 'is neither a date nor a time with its zone'
  return z
    .union([z.date(), z.string({ error }).regex(/^\d{4}-\d{2}-\d{2}(T.+(Z|[+-]\d{2}:?\d{2}))?$/, { error })], { error })
    .transform(timeOf)
    .refine(isInCalendar, { error })
    .optional()
    .meta({ description, example: '2024-05-01', anyOf: dateForms })
}

/** An invalid date where no calendar has the day: JavaScript takes 30 February for 1 March. */
export function timeOf(given: string | Date): Date {
  const day = typeof given === 'string' ? given.slice(0, 10) : null
  return day === null || isDay(day) ? new Date(given) : new Date(Number.NaN)
}

function isDay(day: string): boolean {
  const read = new Date(day)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day)
}

/** A time of the years 1 to 9999 in UTC: the others are written in ways of their own, which Postgres does not read. */
export function isInCalendar(time: Date): boolean {
  const year = time.getUTCFullYear()
  return year >= 1 && year <= 9999
}

export function text(description: string, longest: number, example: string) {
  return word(null, longest).optional().meta({ description, example })
}

/** Any of several; one alone may stand without a list around it. */
export function list(description: string, pattern: RegExp | null, example: string) {
  return manyOf(word(pattern, LONGEST_WORD))
    .optional()
    .meta({ description, example: [example] })
}

/** One of a closed set of names; a mistyped one is told what it is near to. */
export function oneOf<const T extends readonly string[]>(names: T) {
  return z.enum(names, {
    error: ({ input }) => {
      const near = typeof input === 'string' ? nearest(input, names) : null
      return near === null ? 'is none of the names that are known' : `is not known: perhaps ${near} is meant`
    },
  })
}

/** Some of a closed set of names. */
export function listOf<T extends z.ZodEnum>(name: T, description: string, example: string, separator?: string) {
  return manyOf(name, separator)
    .optional()
    .meta({ description, example: [example] })
}

function manyOf<T extends z.ZodType>(item: T, separator?: string) {
  const parts = (given: string) => (separator === undefined ? [given] : given.split(separator))
  const error = `is not a list of 1 to ${MOST_IN_LIST} names`
  return z.preprocess(
    (given) => (typeof given === 'string' ? parts(given) : given),
    z.array(item, { error }).min(1, { error }).max(MOST_IN_LIST, { error }),
  )
}

function word(pattern: RegExp | null, longest: number) {
  const error = `is not text of 1 to ${longest} characters`
  const any = z
    .string({ error })
    .min(1, { error })
    .max(longest, { error })
    // Postgres takes no NUL, and half a surrogate pair is no text.
    .refine((given) => !given.includes('\0') && given.isWellFormed(), { error: 'holds characters that are no text' })
  return pattern === null ? any : any.regex(pattern, { error: 'is not written as it should be' })
}
