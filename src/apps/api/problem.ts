import { z } from 'zod'

/** A field of a request that is wrong. */
export interface FieldProblem {
  /** As in the request: `limit`, `filter.language`, `outcomes[3].task`, `header idempotency-key`. */
  readonly field: string
  readonly problem: string
  readonly mend: string
}

/** What kind of no it is, by its status: programs ask for the `type` that is made of it, people read the rest. */
export const problemTypes = {
  400: 'invalid-request',
  401: 'unauthorized',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  408: 'request-timeout',
  409: 'conflict',
  412: 'precondition-failed',
  413: 'too-large',
  414: 'address-too-long',
  415: 'unsupported-media-type',
  416: 'range-not-satisfiable',
  422: 'unprocessable',
  429: 'too-many-requests',
  431: 'headers-too-large',
  500: 'failed',
  503: 'unavailable',
} as const

/** An answer that says no, as RFC 9457 has it. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly detail: string
  readonly errors: readonly FieldProblem[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    title: string,
    detail: string,
    more: { errors?: readonly FieldProblem[]; headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(title, more.cause === undefined ? undefined : { cause: more.cause })
    this.status = status
    this.detail = detail
    this.errors = more.errors ?? []
    this.headers = more.headers ?? {}
  }
}

export const problemSchema = z
  .object({
    type: z.string().describe('`urn:quarry:problem:` and a fixed word: what programs ask for'),
    title: z.string().describe('What is wrong, in short'),
    status: z.int().min(400).max(599),
    detail: z.string().describe('What is wrong with this request, and what to do'),
    errors: z
      .array(
        z.object({
          field: z.string().describe('As in the request: `limit`, `filter.language`, `outcomes[3].task`'),
          problem: z.string(),
          mend: z.string(),
        }),
      )
      .describe('Each field that is wrong, and its mend'),
  })
  .meta({ id: 'Problem', description: 'An answer that says no, as RFC 9457 has it.' })

export function problemBody({ status, message, detail, errors }: Problem): z.infer<typeof problemSchema> {
  return { type: typeOf(status), title: message, status, detail, errors: [...errors] }
}

function typeOf(status: number): string {
  const known: Readonly<Record<number, string>> = problemTypes
  return `urn:quarry:problem:${known[status] ?? (status < 500 ? 'invalid-request' : 'failed')}`
}

export function notFound(what: string): Problem {
  return new Problem(404, 'not found', `for this token there is no ${what}`)
}

/** One field that is wrong. */
export function wrongField(field: string, problem: string, mend: string): Problem {
  return wrongFields([{ field, problem, mend }])
}

export function wrongFields(errors: readonly FieldProblem[]): Problem {
  const detail = errors.map(({ field, problem, mend }) => `${field} ${problem}: ${mend}`).join('; ')
  return new Problem(400, 'the request is wrong', detail, { errors })
}
