import { accountId, nodeId, threadId } from '../ids.ts'
import { type Json, type JsonObject, objectAt, parseJson } from '../json.ts'
import type { Pull, Repository, Thread } from '../types.ts'
import { nameOf, ownerOf } from '../world.ts'

/** Makes GitHub's objects: a published example, overlaid with what is true in this world. */
export interface Shapes {
  readonly url: string
  /** An account by its login; `null` is a deleted one, which REST shows as `ghost`. */
  account(login: string | null, type?: string): JsonObject
  repository(repository: Repository): JsonObject
  /** The few fields that webhooks about installations have. */
  repositoryReference(repository: Repository): JsonObject
  label(repository: Repository, name: string): JsonObject
  /** What a pull and an issue have in common. */
  thread(repository: Repository, thread: Thread): JsonObject
}

export function makeShapes(url: string, examples: () => ReadonlyMap<string, Json>): Shapes {
  const shapes: Shapes = {
    url,
    account: (login, type) => accountShape(url, login ?? 'ghost', type),
    repository(repository) {
      const { template_repository, parent, source, organization, ...example } = objectAt(
        relocated(examples().get('full-repository-default-response') ?? null, 'octocat/Hello-World', repository, url),
      )
      return { ...example, ...repositoryFacts(shapes, repository) }
    },
    repositoryReference: (repository) => ({
      id: repository.id,
      node_id: repository.nodeId,
      name: nameOf(repository),
      full_name: repository.fullName,
      private: repository.private,
    }),
    label: (repository, name) => ({
      id: accountId(`label ${name}`),
      node_id: nodeId('LA', repository.id, name),
      url: `${url}/api/v3/repos/${repository.fullName}/labels/${encodeURIComponent(name)}`,
      name,
      description: null,
      color: 'ededed',
      default: false,
    }),
    thread: (repository, thread) => ({
      id: threadId(repository.id, thread.number),
      number: thread.number,
      title: thread.title,
      body: thread.body ?? null,
      user: shapes.account(thread.user === undefined ? 'ann' : thread.user),
      labels: (thread.labels ?? []).map((name) => shapes.label(repository, name)),
      locked: false,
      active_lock_reason: null,
      milestone: null,
      assignee: null,
      assignees: [],
      author_association: 'CONTRIBUTOR',
      created_at: thread.createdAt,
      updated_at: thread.updatedAt ?? thread.createdAt,
    }),
  }
  return shapes
}

function repositoryFacts(shapes: Shapes, repository: Repository): JsonObject {
  const type = repository.installation?.account.type ?? 'User'
  return {
    ...shapes.repositoryReference(repository),
    owner: shapes.account(ownerOf(repository), type),
    visibility: repository.private ? 'private' : 'public',
    default_branch: repository.defaultBranch,
    archived: repository.archived,
    description: null,
    homepage: null,
    language: null,
    license: null,
    mirror_url: null,
    topics: [],
    has_pages: false,
    has_discussions: false,
    network_count: 0,
    subscribers_count: 0,
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    pushed_at: repository.pushedAt,
    clone_url: `${shapes.url}/${repository.fullName}.git`,
    git_url: `git://127.0.0.1/${repository.fullName}.git`,
    svn_url: `${shapes.url}/${repository.fullName}`,
  }
}

/** A published example, in which one repository stands for all, moved to this server and to another repository. */
export function relocated(example: Json, from: string, repository: Repository | null, url: string): Json {
  const text = JSON.stringify(example)
    .replaceAll('https://api.github.com', `${url}/api/v3`)
    .replaceAll('https://github.com', url)
  return parseJson(repository === null ? text : text.replaceAll(from, repository.fullName))
}

function accountShape(url: string, login: string, type?: string): JsonObject {
  const api = `${url}/api/v3/users/${encodeURIComponent(login)}`
  return {
    login,
    id: accountId(login),
    node_id: nodeId('U', login),
    avatar_url: `${url}/avatars/${encodeURIComponent(login)}`,
    gravatar_id: '',
    url: api,
    html_url: `${url}/${encodeURIComponent(login)}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: type ?? (login.endsWith('[bot]') ? 'Bot' : 'User'),
    site_admin: false,
  }
}

/** When a thread last changed, as far as this world tells. */
export function updatedAt(pull: Pull): string {
  return pull.updatedAt ?? pull.mergedAt ?? pull.closedAt ?? pull.createdAt
}
