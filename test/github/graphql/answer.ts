import { type Answer, refusal } from '../answer.ts'
import { rateHeaders } from '../rate-limits.ts'
import type { HttpRequest, Stage } from '../scene.ts'
import { executeGraphQL, readGraphQLRequest } from './execute.ts'

/** GraphQL, for installations and users only. */
export async function answerGraphQL({ scene }: Stage, request: HttpRequest): Promise<Answer> {
  const identified = scene.callers.identify(request.authorization)
  if (!identified.known) return refusal(identified.status, identified.message)
  const { caller } = identified
  if (caller.kind === 'anonymous' || caller.kind === 'app')
    return refusal(401, 'This endpoint requires you to be authenticated.')
  const asked = readGraphQLRequest(request.text)
  if (asked === null) return refusal(400, 'Problems parsing JSON')
  const body = await executeGraphQL(asked, caller, scene)
  return { status: 200, body, headers: rateHeaders(scene.rates.of(caller, 'graphql'), 'graphql') }
}
