import { z } from 'zod'

/** A field of a request that is wrong. */
export interface FieldProblem {
  /** As in the request: `limit`, `filter.language`, `outcomes[3].task`. */
  readonly field: string
  readonly problem: string
  readonly mend: string
}

/** An answer that says no, as RFC 9457 has it. */
export class Problem extends Error {
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
    super(title, { cause: more.cause })
    this.status = status
    this.detail = detail
    this.errors = more.errors ?? []
    this.headers = more.headers ?? {}
  }
}

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), problem: z.string(), mend: z.string() })),
})

export function problemBody({ status, message, detail, errors }: Problem): z.infer<typeof problemSchema> {
  return { type: 'about:blank', title: message, status, detail, errors: [...errors] }
}

export function notFound(what: string): Problem {
  return new Problem(404, 'not found', `there is no ${what}, or not for this token`)
}
