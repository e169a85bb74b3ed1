import { notFound, ok } from '../answer.ts'
import { type ChangedFile, type Commit, commitsOf, filesOf, patchesOf, readCommit } from '../history.ts'
import { nodeId } from '../ids.ts'
import { arrayOf, type JsonObject, objectAt } from '../json.ts'
import type { Scene } from '../scene.ts'
import type { Pull, Repository } from '../types.ts'
import { ownerOf } from '../world.ts'
import { paged } from './paging.ts'
import { type RestRequest, type Route, repositoryRoute } from './route.ts'
import { relocated, updatedAt } from './shapes.ts'

const pullOf = (repository: Repository, request: RestRequest) => repository.pulls.get(Number(request.named.pull_number))

export const pullRoutes: readonly Route[] = [
  repositoryRoute(
    'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    'pull_requests',
    'read',
    async (repository, request, scene) => {
      const pull = pullOf(repository, request)
      return pull === undefined ? notFound : ok(await pullShape(scene, repository, pull))
    },
  ),
  repositoryRoute(
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
    'pull_requests',
    'read',
    async (repository, request, scene) => {
      const pull = pullOf(repository, request)
      if (pull === undefined) return notFound
      const objects = scene.objects(repository)
      const files = await filesOf(objects, repository, pull)
      const patches = await patchesOf(objects, repository, pull)
      const show = (file: ChangedFile) => fileShape(scene, repository, pull, file, patches.get(file.path))
      return await paged(files, request.address, (page) => page.map(show))
    },
  ),
  repositoryRoute(
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits',
    'pull_requests',
    'read',
    async (repository, request, scene) => {
      const pull = pullOf(repository, request)
      if (pull === undefined) return notFound
      const objects = scene.objects(repository)
      const ids = await commitsOf(objects, repository, pull)
      return await paged(ids, request.address, async (page) => {
        const commits = await Promise.all(page.map((id) => readCommit(objects, id)))
        return commits.filter((each) => each !== null).map((each) => commitShape(scene, repository, each))
      })
    },
  ),
]

/** The whole pull, as its own address and webhooks show it. */
export async function pullShape(scene: Scene, repository: Repository, pull: Pull): Promise<JsonObject> {
  const objects = scene.objects(repository)
  const [files, commits, base] = [
    await filesOf(objects, repository, pull),
    await commitsOf(objects, repository, pull),
    pull.mergeCommit ? await readCommit(objects, pull.mergeCommit) : null,
  ]
  const merged = pull.mergedAt != null
  const example = relocated(scene.examples().get('pull-request') ?? null, 'octocat/Hello-World', repository, scene.url)
  const moved = JSON.stringify(example).replaceAll('/1347', `/${pull.number}`)
  return {
    ...objectAt(JSON.parse(moved)),
    ...scene.shapes.thread(repository, pull),
    node_id: nodeId('PR', repository.id, pull.number),
    state: merged || pull.closedAt ? 'closed' : 'open',
    updated_at: updatedAt(pull),
    closed_at: pull.closedAt ?? pull.mergedAt ?? null,
    merged_at: pull.mergedAt ?? null,
    merge_commit_sha: pull.mergeCommit ?? null,
    requested_reviewers: [],
    requested_teams: [],
    head: branchShape(scene, repository, pull.head.ref, pull.head.sha),
    base: branchShape(scene, repository, pull.baseRef ?? repository.defaultBranch, base?.parents[0] ?? pull.head.sha),
    auto_merge: null,
    draft: false,
    merged,
    mergeable: merged ? null : true,
    rebaseable: merged ? null : true,
    mergeable_state: merged ? 'unknown' : 'clean',
    merged_by: merged ? scene.shapes.account(ownerOf(repository)) : null,
    comments: pull.comments?.length ?? 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: commits.length,
    additions: files.reduce((sum, { additions }) => sum + additions, 0),
    deletions: files.reduce((sum, { deletions }) => sum + deletions, 0),
    changed_files: files.length,
  }
}

function branchShape(scene: Scene, repository: Repository, ref: string, sha: string): JsonObject {
  const repo = scene.shapes.repository(repository)
  return { label: `${ownerOf(repository)}:${ref}`, ref, sha, user: repo.owner ?? null, repo }
}

const statusWords: Readonly<Record<string, string>> = {
  A: 'added',
  D: 'removed',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
}

function fileShape(
  scene: Scene,
  repository: Repository,
  pull: Pull,
  file: ChangedFile,
  patch: string | undefined,
): JsonObject {
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  const html = `${scene.url}/${repository.fullName}`
  return {
    sha: /^0+$/.test(file.oid) ? null : file.oid,
    filename: file.path,
    status: statusWords[file.change] ?? 'modified',
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${html}/blob/${pull.head.sha}/${path}`,
    raw_url: `${html}/raw/${pull.head.sha}/${path}`,
    contents_url: `${scene.url}/api/v3/repos/${repository.fullName}/contents/${path}?ref=${pull.head.sha}`,
    ...(patch === undefined ? {} : { patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  }
}

function commitShape(scene: Scene, repository: Repository, commit: Commit): JsonObject {
  const [example] = arrayOf(
    relocated(scene.examples().get('commit-items') ?? null, 'octocat/Hello-World', repository, scene.url),
  )
  const api = `${scene.url}/api/v3/repos/${repository.fullName}`
  const html = `${scene.url}/${repository.fullName}/commit`
  return {
    ...objectAt(example),
    url: `${api}/commits/${commit.oid}`,
    sha: commit.oid,
    node_id: nodeId('C', repository.id, commit.oid),
    html_url: `${html}/${commit.oid}`,
    comments_url: `${api}/commits/${commit.oid}/comments`,
    commit: {
      ...objectAt(example, 'commit'),
      url: `${api}/git/commits/${commit.oid}`,
      author: { ...commit.author },
      committer: { ...commit.committer },
      message: commit.message,
      tree: { url: `${api}/git/trees/${commit.tree}`, sha: commit.tree },
    },
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({ url: `${api}/commits/${sha}`, sha, html_url: `${html}/${sha}` })),
  }
}
