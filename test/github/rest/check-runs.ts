import { type Answer, notFound, ok, refusal } from '../answer.ts'
import { readCommit } from '../history.ts'
import { nodeId } from '../ids.ts'
import { isObject, type Json, type JsonObject, numberOf, objectAt, textOf } from '../json.ts'
import type { Scene } from '../scene.ts'
import type { Repository } from '../types.ts'
import { now } from '../world.ts'
import { type RestRequest, type Route, repositoryRoute } from './route.ts'
import { relocated } from './shapes.ts'

export interface CheckRun {
  readonly id: number
  readonly repository: Repository
  /** As the API last showed it. */
  shown: JsonObject
}

export const checkRunRoutes: readonly Route[] = [
  repositoryRoute('POST /repos/{owner}/{repo}/check-runs', 'checks', 'write', create),
  repositoryRoute(
    'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    'checks',
    'write',
    (repository, request, scene) => {
      const run = find(repository, request, scene)
      if (run === undefined) return notFound
      run.shown = changed(run.shown, objectAt(request.body))
      return ok(run.shown)
    },
  ),
  repositoryRoute(
    'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
    'checks',
    'read',
    (repository, request, scene) => {
      const run = find(repository, request, scene)
      return run === undefined ? notFound : ok(run.shown)
    },
  ),
]

function find(repository: Repository, request: RestRequest, scene: Scene): CheckRun | undefined {
  const id = Number(request.named.check_run_id)
  return scene.checkRuns.find((run) => run.id === id && run.repository === repository)
}

async function create(repository: Repository, request: RestRequest, scene: Scene): Promise<Answer> {
  const asked = objectAt(request.body)
  const sha = textOf(asked.head_sha) ?? ''
  if ((await readCommit(scene.objects(repository), sha)) === null)
    return refusal(422, `No commit found for SHA: ${sha}`)
  const id = 70_001 + scene.checkRuns.length
  const run: CheckRun = { id, repository, shown: changed(fresh(scene, repository, id, sha), asked) }
  scene.checkRuns.push(run)
  return { status: 201, body: run.shown }
}

function fresh(scene: Scene, repository: Repository, id: number, sha: string): JsonObject {
  const example = scene.examples().get('check-run-example-of-completed-conclusion') ?? null
  const api = `${scene.url}/api/v3/repos/${repository.fullName}/check-runs/${id}`
  const html = `${scene.url}/${repository.fullName}/runs/${id}`
  return {
    ...objectAt(relocated(example, 'github/hello-world', repository, scene.url)),
    id,
    node_id: nodeId('U', `check${id}`),
    head_sha: sha,
    external_id: '',
    url: api,
    html_url: html,
    details_url: html,
    status: 'queued',
    conclusion: null,
    started_at: now(),
    completed_at: null,
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${api}/annotations` },
    pull_requests: [],
  }
}

const plainFields = ['name', 'details_url', 'external_id', 'status', 'started_at', 'conclusion', 'completed_at']

/** A conclusion completes the run, whatever status comes with it. Annotations add up. */
function changed(shown: JsonObject, asked: JsonObject): JsonObject {
  const given = plainFields.flatMap((key): [string, Json][] => {
    const value = asked[key]
    return value === undefined ? [] : [[key, value]]
  })
  const next: JsonObject = { ...shown, ...Object.fromEntries(given) }
  if (asked.conclusion !== undefined) {
    next.status = 'completed'
    next.completed_at = asked.completed_at ?? now()
  }
  if (isObject(asked.output)) next.output = changedOutput(objectAt(shown, 'output'), asked.output)
  return next
}

function changedOutput(shown: JsonObject, asked: JsonObject): JsonObject {
  const added = Array.isArray(asked.annotations) ? asked.annotations.length : 0
  return {
    ...shown,
    title: asked.title ?? shown.title ?? null,
    summary: asked.summary ?? shown.summary ?? null,
    text: asked.text ?? shown.text ?? null,
    annotations_count: (numberOf(shown.annotations_count) ?? 0) + added,
  }
}
