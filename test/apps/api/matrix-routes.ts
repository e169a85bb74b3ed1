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
  /** Where it is not as without an owner: what a grade is asked for by is there for tokens that see the same owners. */
  readonly ofOwn?: number
  /** With its scope and no other, where it asks for several together. */
  readonly alone?: number
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
  // Its history is nowhere, which is told to whom the task exists alone.
  { ...part(`${task}/snapshot`, 'tasks:read'), status: 503 },
  part(`${task}/certificate`, 'tasks:read'),
  part(`${task}/versions`, 'tasks:read'),
  part(`${task}/tests`, 'tests:read'),
  part(`${task}/solution`, 'solutions:read'),
  {
    ...part('/v1/grades', 'grades:write'),
    method: 'POST',
    body: ({ task: name }) => ({ task: name, patch: '' }),
    status: 202,
  },
  { ...part('/v1/grades/{grade}', 'grades:write'), url: ({ grade }) => `/v1/grades/${grade}`, ofOwn: 404 },
  { ...part('/v1/grades/{grade}/log', 'tests:read'), url: ({ grade }) => `/v1/grades/${grade}/log`, ofOwn: 404 },
  part(`${task}/solve-rates`, 'tasks:read'),
  {
    ...list('/v1/leases', 'leases:write'),
    method: 'POST',
    body: () => ({ consumer: 'matrix', count: 1 }),
    status: 201,
    ofOthers: 201,
  },
  { ...part('/v1/leases/{lease}', 'leases:write'), url: ({ lease }) => `/v1/leases/${lease}`, ofOwn: 404 },
  ...['renew', 'release', 'complete'].map(
    (what): MatrixRoute => ({
      ...part(`/v1/leases/{lease}/${what}`, 'leases:write'),
      ...{ method: 'POST', url: ({ lease }) => `/v1/leases/${lease}/${what}`, ofOwn: 404 },
      ...{ body: () => ({}), status: 200 },
    }),
  ),
  {
    ...part('/v1/outcomes', 'outcomes:write'),
    ...{ method: 'POST', status: 201, ofOthers: 400 },
    body: ({ task: name }) => ({ outcomes: [{ task: name, consumer: 'matrix', model: 'm', solved: false }] }),
  },
  { ...list('/v1/export', 'solutions:read'), url: () => '/v1/export?format=swebench', alone: 404 },
  list('/v1/suspects', 'operate'),
  list('/v1/stats', 'operate'),
  list('/v1/candidates', 'operate'),
  list('/v1/repositories', 'operate'),
]

export const publicRoutes = ['/openapi.json', '/docs/']
