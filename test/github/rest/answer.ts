import { createHash } from 'node:crypto'
import { type Answer, notFound, primaryLimit, refusal } from '../answer.ts'
import { type Json, tryJson } from '../json.ts'
import { nameOf, rateHeaders, remainingOf } from '../rate-limits.ts'
import type { HttpRequest, Stage } from '../scene.ts'
import type { Caller } from '../types.ts'
import type { Route } from './route.ts'
import { byName, findRoute } from './router.ts'

/** A request below `/api/v3`, or right at the top as on api.github.com: who asks, the budget, the route, and both sides held to what GitHub publishes. */
export async function answerRest(stage: Stage, request: HttpRequest): Promise<Answer> {
  const { scene } = stage
  const path = request.address.pathname.replace(/^\/api\/v3(?=\/)/, '')
  const found = findRoute(request.method, byName(path, scene.world))
  const identified = scene.callers.identify(request.authorization)
  const caller: Caller = identified.known ? identified.caller : { kind: 'anonymous' }
  const budget = scene.rates.of(caller, 'core')
  if (found === null)
    scene.problems.push(stage.checks()?.unplayed(request.method, path) ?? `${request.method} ${path}: not played`)
  const early = !identified.known ? refusal(identified.status, identified.message) : found === null ? notFound : null
  if (found === null || early !== null) return { ...(early ?? notFound), headers: rateHeaders(budget, 'core') }
  const { operation } = found.route
  const free = operation === 'GET /rate_limit'
  const spent = !free && remainingOf(budget) === 0
  const answer = spent ? refusal(403, primaryLimit(nameOf(caller))) : await take(stage, request, found, caller)
  const tagged = request.method === 'GET' && answer.status === 200 ? conditional(answer, request) : answer
  if (!free && !spent && tagged.status !== 304) budget.used += 1
  return { ...tagged, headers: { ...rateHeaders(budget, 'core'), ...tagged.headers } }
}

async function take(
  { scene, checks, tamper }: Stage,
  request: HttpRequest,
  { route, named }: { readonly route: Route; readonly named: Readonly<Record<string, string>> },
  caller: Caller,
): Promise<Answer> {
  const body = request.text === '' ? undefined : tryJson(request.text)
  if (request.text !== '' && body === undefined) return refusal(400, 'Problems parsing JSON')
  const { operation } = route
  const wrong = checks()?.request(operation, request.address.searchParams, body)
  scene.problems.push(...(wrong?.query ?? []), ...(wrong?.body ?? []))
  if (wrong !== undefined && wrong.body.length > 0) return refusal(422, `Invalid request.\n\n${wrong.body.join('\n')}`)
  const raw = /\braw\b/.test(request.accept ?? '')
  const { method, address } = request
  const answer = await route.answer({ method, address, caller, named, body, raw }, scene)
  if (answer.raw !== undefined) return answer
  const shown: Json | undefined = answer.body === undefined ? undefined : tamper(operation, answer.body)
  scene.problems.push(...(checks()?.answer(operation, answer.status, shown) ?? []))
  return { ...answer, body: shown }
}

/**
 * 304 where the client has this very answer. Such an answer costs nothing of the budget. As GitHub's, a tag is bound to the token that asked:
 * what an installation was told an hour ago is worth nothing (https://github.com/github/docs/issues/34689).
 */
function conditional(answer: Answer, { ifNoneMatch, authorization, accept }: HttpRequest): Answer {
  const etag = `W/"${createHash('sha256')
    .update(`${accept}:${authorization}:`)
    .update(answer.raw ?? JSON.stringify(answer.body))
    .digest('hex')}"`
  const headers = { ...answer.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' }
  return ifNoneMatch === etag ? { status: 304, body: undefined, headers } : { ...answer, headers }
}
