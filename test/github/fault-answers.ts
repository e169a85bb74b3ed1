import { type Answer, primaryLimit, refusal, secondaryLimit } from './answer.ts'
import type { Fault } from './faults.ts'
import type { JsonObject } from './json.ts'
import type { RequestKind } from './types.ts'

/** What GitHub answers in such trouble. `slow` and `reset` are no answers of their own. */
export function faultAnswer(fault: Fault, kind: RequestKind): Answer {
  if (fault.kind === 'secondary')
    return { ...refusal(403, secondaryLimit), headers: { 'retry-after': String(fault.retryAfter ?? 60) } }
  if (fault.kind === 'primary') return primaryAnswer(fault, kind)
  const status = Number(fault.kind)
  return { status, body: kind === 'graphql' ? graphqlTrouble : { message: 'Server Error' } }
}

const graphqlTrouble: JsonObject = {
  data: null,
  errors: [
    {
      message:
        'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.',
    },
  ],
}

function primaryAnswer(fault: Fault, kind: RequestKind): Answer {
  const message = primaryLimit('installation')
  const headers = {
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-used': '5000',
    'x-ratelimit-reset': String(Math.ceil((fault.resetAt?.getTime() ?? Date.now() + 3_600_000) / 1000)),
    'x-ratelimit-resource': kind === 'graphql' ? 'graphql' : 'core',
  }
  const rest = refusal(403, message)
  return kind === 'graphql'
    ? { status: 200, body: { errors: [{ type: 'RATE_LIMITED', message }] }, headers }
    : { ...rest, headers }
}
