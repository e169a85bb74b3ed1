import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

/** How many requests a token may send in a minute, to each process that serves. */
export interface RateLimits {
  readonly requests: number
  /** To routes that every rollout asks several times: a budget of their own. */
  readonly frequent: number
}

const windowSeconds = 60

/**
 * Counts each token's requests, and tells in every answer what is left of its budget, as
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ has it. Who is over it gets 429 with Retry-After.
 */
export async function limitRates(scope: FastifyInstance, limits: RateLimits): Promise<void> {
  await scope.register(rateLimit, { global: false })
  const budget = (name: keyof RateLimits) => {
    const count = scope.createRateLimit({
      max: limits[name],
      timeWindow: windowSeconds * 1000,
      keyGenerator: ({ caller }: FastifyRequest) => String(caller.tokenId),
    })
    return async (request: FastifyRequest, reply: FastifyReply) => {
      const counted = await count(request)
      if (counted.isAllowed) return
      const { max, remaining, ttlInSeconds, isExceeded } = counted
      reply.header('ratelimit-policy', `"${name}";q=${max};w=${windowSeconds}`)
      reply.header('ratelimit', `"${name}";r=${remaining};t=${ttlInSeconds}`)
      if (isExceeded) throw tooMany(max, ttlInSeconds)
    }
  }
  const take = { requests: budget('requests'), frequent: budget('frequent') }
  scope.addHook('onRequest', (request, reply) => take[request.routeOptions.config.rate ?? 'requests'](request, reply))
}

function tooMany(max: number, seconds: number): Problem {
  return new Problem(429, 'too many requests', `this token may send ${max} a minute here: go on in ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
  })
}
