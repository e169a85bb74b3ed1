import type { FastifyRequest, RouteOptions } from 'fastify'
import type { Caller, Scope } from '../../access/index.ts'
import { nearest } from '../../model/nearest.ts'
import { notFound, Problem } from './problem.ts'

interface KnownRoute {
  readonly methods: readonly string[]
  readonly url: string
  readonly scope: Scope
  readonly pattern: RegExp
}

/** What there is, so that a wrong method or address can be told from a right one. */
export interface KnownRoutes {
  add(route: Pick<RouteOptions, 'method' | 'url' | 'config'>): void
  /** Why there is no route for a request: 405 where other methods would do, else 404. What the caller may not see is not told of. */
  missing(request: FastifyRequest): Problem
  /** Whether a request has come to a route whose parameter stands for anything, at an address that is another route's own. */
  isAstray(request: FastifyRequest): boolean
}

export function makeKnownRoutes(): KnownRoutes {
  const routes: KnownRoute[] = []
  const seenBy = ({ scopes }: Caller) => routes.filter(({ scope }) => scopes.has(scope))
  return {
    add({ method, url, config }) {
      if (config?.scope === undefined) throw new Error(`the route ${url} states no scope`)
      const pattern = new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`)
      routes.push({ methods: [method].flat(), url, scope: config.scope, pattern })
    },
    missing({ caller, method, url }) {
      const path = url.split('?', 1)[0] ?? ''
      const seen = seenBy(caller)
      const allowed = [...new Set(ofAddress(path, seen).flatMap(({ methods }) => methods))]
      if (allowed.length > 0) {
        const allow = allowed.sort().join(', ')
        return new Problem(405, 'the method is not allowed', `${path.slice(0, 200)} takes ${allow}, not ${method}`, {
          headers: { allow },
        })
      }
      const near = nearRoute(path.slice(0, 200), seen)
      return notFound(near === null ? 'such route' : `such route; did you mean ${near}?`)
    },
    isAstray({ url, routeOptions }) {
      const path = url.split('?', 1)[0] ?? ''
      return routeOptions.url !== path && routes.some((route) => route.url === path)
    },
  }
}

/** The routes of an address; one that is written out is not that of a parameter, too. */
function ofAddress(path: string, routes: readonly KnownRoute[]): readonly KnownRoute[] {
  const fitting = routes.filter(({ pattern }) => pattern.test(path))
  const written = fitting.filter(({ url }) => url === path)
  return written.length > 0 ? written : fitting
}

/** The address that somebody may have meant, as the document has it: what stands in the place of a parameter is taken as it. */
function nearRoute(path: string, routes: readonly KnownRoute[]): string | null {
  const given = path.split('/')
  const filled = new Map(
    routes.map(({ url }) => [
      url
        .split('/')
        .map((part, at) => (part.startsWith(':') ? (given[at] ?? part) : part))
        .join('/'),
      url.replace(/:(\w+)/g, '{$1}'),
    ]),
  )
  return filled.get(nearest(path, [...filled.keys()]) ?? '') ?? null
}
