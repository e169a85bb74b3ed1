import { type Answer, notAccessible, notFound, refusal } from '../answer.ts'
import type { Json } from '../json.ts'
import type { Scene } from '../scene.ts'
import type { Caller, Grant, Level, Repository } from '../types.ts'
import { may, sees } from '../world.ts'

export interface RestRequest {
  readonly method: string
  /** The whole address, without `/api/v3` taken off. */
  readonly address: URL
  readonly caller: Caller
  /** What the braces of the route's path stand for. */
  readonly named: Readonly<Record<string, string>>
  readonly body: Json | undefined
  /** Whether a file is asked for as it is, as Probot does for configuration. */
  readonly raw: boolean
}

export interface Route {
  /** GitHub's own name for it, `GET /repos/{owner}/{repo}`. */
  readonly operation: string
  answer(request: RestRequest, scene: Scene): Answer | Promise<Answer>
}

type RepositoryAnswer = (repository: Repository, request: RestRequest, scene: Scene) => Answer | Promise<Answer>

/** A route that only the App itself may take, with its JSON web token. */
export function appRoute(operation: string, answer: Route['answer']): Route {
  return {
    operation,
    answer: (request, scene) =>
      request.caller.kind === 'app' ? answer(request, scene) : refusal(401, 'A JSON web token could not be decoded'),
  }
}

export function installationRoute(
  operation: string,
  answer: (grant: Grant, request: RestRequest, scene: Scene) => Answer | Promise<Answer>,
): Route {
  return {
    operation,
    answer: (request, scene) =>
      request.caller.kind === 'installation'
        ? answer(request.caller.grant, request, scene)
        : refusal(
            403,
            'You must authenticate with an installation access token in order to list repositories for an installation.',
          ),
  }
}

/**
 * A route below `/repos/{owner}/{repo}`: 404 where the caller may not know of the repository, 301 by a former name, 403
 * without the permission.
 */
export function repositoryRoute(operation: string, permission: string, level: Level, answer: RepositoryAnswer): Route {
  return {
    operation,
    answer(request, scene) {
      const asked = `${request.named.owner}/${request.named.repo}`
      const repository = scene.world.named(asked)
      if (request.caller.kind === 'app') return refusal(401, 'Bad credentials')
      if (repository === null || !sees(request.caller, repository)) return notFound
      if (repository.fullName.toLowerCase() !== asked.toLowerCase()) return moved(repository, request, scene)
      if (!may(request.caller, repository, permission, level)) return notAccessible
      if (level === 'write' && repository.archived) return refusal(403, 'Repository was archived so is read-only.')
      return answer(repository, request, scene)
    },
  }
}

function moved(repository: Repository, request: RestRequest, scene: Scene): Answer {
  const [, base = '', rest = ''] = /^(.*?)\/repos\/[^/]+\/[^/]+(.*)$/.exec(request.address.pathname) ?? []
  const url = `${scene.url}${base}/repositories/${repository.id}${rest}${request.address.search}`
  const status = request.method === 'GET' ? 301 : 307
  return { ...refusal(status, 'Moved Permanently', { url }), headers: { location: url } }
}
