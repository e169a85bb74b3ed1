import type { Scope } from '../../../src/access/index.ts'
import type { MatrixScene } from './matrix-scene.ts'

/** A route, a request to it that succeeds on what is acme's, and what becomes of the same with another owner's token. */
export interface MatrixRoute {
  readonly method: 'GET' | 'POST'
  /** As the OpenAPI document has it. */
  readonly path: string
  readonly scope: Scope
  readonly url: (scene: MatrixScene) => string
  readonly body?: (scene: MatrixScene) => object
  readonly status: number
  /** A list is there, and empty. */
  readonly ofOthers: number
}

const task = '/v1/tasks/{task}'

function part(path: string, scope: Scope): MatrixRoute {
  return {
    method: 'GET',
    path,
    scope,
    url: ({ task: name }) => path.replace('{task}', name),
    status: 200,
    ofOthers: 404,
  }
}

function list(path: string, scope: Scope): MatrixRoute {
  return { method: 'GET', path, scope, url: () => path, status: 200, ofOthers: 200 }
}

/** One line for each route that there is. */
export const matrixRoutes: readonly MatrixRoute[] = [
  list('/v1/tasks', 'tasks:read'),
  { ...list('/v1/tasks/search', 'tasks:read'), method: 'POST', body: () => ({ limit: 10 }) },
  part(task, 'tasks:read'),
  part(`${task}/environment`, 'tasks:read'),
  part(`${task}/environment/layer`, 'tasks:read'),
  part(`${task}/tests`, 'tests:read'),
  part(`${task}/solution`, 'solutions:read'),
  list('/v1/stats', 'operate'),
  list('/v1/candidates', 'operate'),
  list('/v1/repositories', 'operate'),
]

export const publicRoutes = ['/openapi.json', '/docs/']
