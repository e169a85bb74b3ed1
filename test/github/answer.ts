import type { Json, JsonObject } from './json.ts'

/** What a route says. A body of `undefined` is none at all (304, 204). */
export interface Answer {
  readonly status: number
  readonly body: Json | undefined
  /** In the place of a body, where the client asked for a file as it is. */
  readonly raw?: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export function ok(body: Json, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, body, headers }
}

const documentation = 'https://docs.github.com/rest'

export function refusal(status: number, message: string, more: JsonObject = {}): Answer {
  return { status, body: { message, documentation_url: documentation, status: String(status), ...more } }
}

export const notFound = refusal(404, 'Not Found')
export const notAccessible = refusal(403, 'Resource not accessible by integration')

/** GitHub's words, which clients recognise it by. */
export const secondaryLimit =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.'

export function primaryLimit(who: string): string {
  return `API rate limit exceeded for ${who}.`
}
