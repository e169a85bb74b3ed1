import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { readCommit } from './history.ts'
import { nodeId, threadId } from './ids.ts'
import { arrayOf, isObject, type Json, type JsonObject, objectAt, parseJson } from './json.ts'
import { installationShape } from './rest/app.ts'
import { pullShape } from './rest/pulls.ts'
import type { Scene } from './scene.ts'
import type { Installation, Issue, Repository } from './types.ts'
import { nameOf, now, ownerOf } from './world.ts'

/**
 * What GitHub would send about this world: a published example of the event, overlaid. The world is not changed by it, and
 * is to be changed first: a payload tells how things are then.
 */
export interface Payloads {
  /** Event `pull_request`, action `closed`; merged or not, as the pull is. */
  pullRequestClosed(repository: Repository, number: number): Promise<JsonObject>
  /** Event `issues`. `from` is what the body was. */
  issueEdited(repository: Repository, number: number, from: string): JsonObject
  /** Event `issue_comment`: the issue's last comment. */
  issueCommentCreated(repository: Repository, number: number): JsonObject
  /** Event `installation`. */
  installation(action: 'created' | 'deleted' | 'suspend' | 'unsuspend', installation: Installation): JsonObject
  /** Event `installation_repositories`. */
  installationRepositories(
    action: 'added' | 'removed',
    installation: Installation,
    repositories: readonly Repository[],
  ): JsonObject
  /** Event `repository`. */
  repositoryRenamed(repository: Repository, from: string): JsonObject
  repositoryChanged(
    action: 'privatized' | 'publicized' | 'archived' | 'unarchived' | 'deleted',
    repository: Repository,
  ): JsonObject
  /** Event `push` to a branch. */
  push(repository: Repository, branch: string, before: string, after: string): Promise<JsonObject>
}

const require = createRequire(import.meta.url)

let examples: readonly Json[] | null = null

function exampleOf(event: string, action: string | null): JsonObject {
  examples ??= arrayOf(readExamples())
  const definition = examples.find((each) => isObject(each) && each.name === event)
  const found = arrayOf(objectAt(definition).examples).find(
    (each) => isObject(each) && (action === null || each.action === action),
  )
  return objectAt(found)
}

function readExamples(): Json {
  return parseJson(readFileSync(require.resolve('@octokit/webhooks-examples'), 'utf8'))
}

export function makePayloads(scene: Scene): Payloads {
  const { shapes } = scene
  const sender = (login: string) => shapes.account(login)
  return {
    async pullRequestClosed(repository, number) {
      const pull = existing(repository.pulls, number)
      return {
        ...about(scene, repository, exampleOf('pull_request', 'closed')),
        number,
        pull_request: await pullShape(scene, repository, pull),
        sender: sender(ownerOf(repository)),
      }
    },
    issueEdited: (repository, number, from) => ({
      ...about(scene, repository, exampleOf('issues', 'edited')),
      issue: issueShape(scene, repository, existing(repository.issues, number)),
      changes: { body: { from } },
    }),
    issueCommentCreated: (repository, number) => issueCommented(scene, repository, number),
    installation(action, installation) {
      const own = [...scene.world.repositories.values()].filter((each) => each.installation === installation)
      return {
        ...exampleOf('installation', action),
        installation: installationShape(scene, installation),
        repositories: own.map(shapes.repositoryReference),
        ...(action === 'created' ? { requester: null } : {}),
        sender: sender(installation.account.login),
      }
    },
    installationRepositories(action, installation, repositories) {
      const changed = repositories.map(shapes.repositoryReference)
      return {
        ...exampleOf('installation_repositories', action),
        installation: installationShape(scene, installation),
        repository_selection: installation.selection,
        repositories_added: action === 'added' ? changed : [],
        repositories_removed: action === 'removed' ? changed : [],
        requester: null,
        sender: sender(installation.account.login),
      }
    },
    repositoryRenamed: (repository, from) => ({
      ...about(scene, repository, exampleOf('repository', 'renamed')),
      changes: { repository: { name: { from: from.split('/').at(-1) ?? from } } },
    }),
    // The examples have neither `archived` nor `deleted`, which look the same but for the action.
    repositoryChanged: (action, repository) => ({
      ...about(scene, repository, exampleOf('repository', 'privatized')),
      action,
    }),
    push: (repository, branch, before, after) => pushed(scene, repository, branch, { before, after }),
  }
}

/** The example with this repository, its installation and its owner in the place of its own. */
function about(scene: Scene, repository: Repository, example: JsonObject): JsonObject {
  const { installation, organization, ...rest } = example
  const own = repository.installation
  const reference = own === null ? {} : { installation: { id: own.id, node_id: nodeId('U', `installation${own.id}`) } }
  const { permissions, ...shown } = scene.shapes.repository(repository)
  return { ...rest, ...reference, repository: shown, sender: scene.shapes.account(ownerOf(repository)) }
}

function existing<T>(things: ReadonlyMap<number, T>, number: number): T {
  const found = things.get(number)
  if (found === undefined) throw new Error(`this world has no number ${number}`)
  return found
}

function issueShape(scene: Scene, repository: Repository, issue: Issue): JsonObject {
  const api = `${scene.url}/api/v3/repos/${repository.fullName}/issues/${issue.number}`
  return {
    ...objectAt(exampleOf('issues', 'edited').issue),
    ...scene.shapes.thread(repository, issue),
    node_id: nodeId('I', repository.id, issue.number),
    url: api,
    repository_url: `${scene.url}/api/v3/repos/${repository.fullName}`,
    labels_url: `${api}/labels{/name}`,
    comments_url: `${api}/comments`,
    events_url: `${api}/events`,
    html_url: `${scene.url}/${repository.fullName}/issues/${issue.number}`,
    state: issue.closedAt ? 'closed' : 'open',
    closed_at: issue.closedAt ?? null,
    comments: issue.comments?.length ?? 0,
    reactions: reactions(`${api}/reactions`),
  }
}

function issueCommented(scene: Scene, repository: Repository, number: number): JsonObject {
  const issue = existing(repository.issues, number)
  const index = (issue.comments?.length ?? 0) - 1
  const comment = issue.comments?.[index]
  if (comment === undefined) throw new Error(`issue ${number} has no comment`)
  const example = exampleOf('issue_comment', 'created')
  const id = threadId(repository.id, number) + index
  const api = `${scene.url}/api/v3/repos/${repository.fullName}/issues`
  return {
    ...about(scene, repository, example),
    issue: issueShape(scene, repository, issue),
    comment: {
      ...objectAt(example, 'comment'),
      id,
      node_id: nodeId('IC', repository.id, number, index),
      url: `${api}/comments/${id}`,
      issue_url: `${api}/${number}`,
      html_url: `${scene.url}/${repository.fullName}/issues/${number}#issuecomment-${id}`,
      user: scene.shapes.account(comment.user),
      body: comment.body,
      created_at: comment.createdAt,
      updated_at: comment.createdAt,
      reactions: reactions(`${api}/comments/${id}/reactions`),
      performed_via_github_app: null,
    },
  }
}

function reactions(url: string): JsonObject {
  const none = { '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 }
  return { url, total_count: 0, ...none }
}

async function pushed(
  scene: Scene,
  repository: Repository,
  branch: string,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<JsonObject> {
  const commit = await readCommit(scene.objects(repository), after)
  const example = exampleOf('push', null)
  const html = `${scene.url}/${repository.fullName}`
  const { name, email } = commit?.author ?? { name: 'Ann', email: 'ann@example.com' }
  const head: JsonObject = {
    ...objectAt(example, 'head_commit'),
    id: after,
    tree_id: commit?.tree ?? after,
    message: commit?.message ?? '',
    timestamp: commit?.committer.date ?? now(),
    url: `${html}/commit/${after}`,
    author: { name, email },
    committer: { name, email },
  }
  return {
    ...about(scene, repository, example),
    ref: `refs/heads/${branch}`,
    before,
    after,
    created: false,
    compare: `${html}/compare/${before}...${after}`,
    commits: [head],
    head_commit: head,
    pusher: { name: nameOf(repository), email: null },
  }
}
