import type { World } from '../world.ts'
import { appRoutes } from './app.ts'
import { checkRunRoutes } from './check-runs.ts'
import { deliveryRoutes } from './deliveries.ts'
import { pullRoutes } from './pulls.ts'
import { rateLimitRoute } from './rate-limit.ts'
import { repositoryRoutes } from './repositories.ts'
import type { Route } from './route.ts'

const routes: readonly Route[] = [
  ...appRoutes,
  ...repositoryRoutes,
  ...pullRoutes,
  ...checkRunRoutes,
  ...deliveryRoutes,
  rateLimitRoute,
]

export const playedOperations: readonly string[] = routes.map(({ operation }) => operation)

const patterns = routes.map((route) => ({ route, pattern: patternOf(route.operation) }))

/** The route for a path below `/api/v3`, and what its braces stand for. */
export function findRoute(method: string, path: string): { route: Route; named: Record<string, string> } | null {
  for (const { route, pattern } of patterns) {
    const match = pattern.exec(`${method} ${path}`)
    if (match === null) continue
    const named = Object.entries(match.groups ?? {}).map(([name, value = '']) => [name, decodeURIComponent(value)])
    return { route, named: Object.fromEntries(named) }
  }
  return null
}

/** `/repositories/5/pulls` is `/repos/owner/name/pulls`: redirects lead there, though GitHub does not publish it. */
export function byName(path: string, world: World): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? []
  const repository = world.repositories.get(Number(id))
  return repository === undefined || repository.deleted ? path : `/repos/${repository.fullName}${rest}`
}

/** A path in a repository may have slashes, and be empty. */
function patternOf(operation: string): RegExp {
  const source = operation.replace('/{path}', '(?:/(?<path>.*))?').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')
  return new RegExp(`^${source}$`)
}
