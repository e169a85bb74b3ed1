import type { ApplicationFunction, Probot } from 'probot'
import type { GitHubRepository } from '../../github/index.ts'
import { readRepository } from '../../github/index.ts'
import { settingsPath } from '../../model/index.ts'
import type { Events } from '../../pipeline/github/events.ts'
import { mayRevert } from '../../pipeline/github/relevance.ts'

/** What of an installation stands in a payload. */
interface InstallationPayload {
  readonly id: number
  readonly account: object | null
  readonly permissions?: object
}

/**
 * The App: which event means what. Each handler reads the payload and makes one call; deliveries are stored before they come
 * here, and come again where a call fails.
 */
export function githubApp(events: Events): ApplicationFunction {
  return (app) => {
    hearInstallations(app, events)
    hearRepositories(app, events)
    hearPulls(app, events)
  }
}

function hearInstallations(app: Probot, events: Events): void {
  app.on('installation.created', ({ payload }) =>
    events.installed(installationOf(payload.installation), (payload.repositories ?? []).map(granted)),
  )
  app.on('installation.new_permissions_accepted', ({ payload }) =>
    events.installed(installationOf(payload.installation), []),
  )
  app.on('installation.deleted', ({ payload }) => events.uninstalled(payload.installation.id))
  app.on('installation.suspend', ({ payload }) => events.installationChanged(payload.installation.id, 'suspended'))
  app.on('installation.unsuspend', ({ payload }) => events.installationChanged(payload.installation.id, 'active'))
  app.on('installation_repositories.added', ({ payload }) =>
    events.installed(installationOf(payload.installation), payload.repositories_added.map(granted)),
  )
  app.on('installation_repositories.removed', ({ payload }) =>
    events.repositoriesRemoved(
      payload.installation.id,
      payload.repositories_removed.flatMap(({ id }) => id ?? []),
    ),
  )
}

function hearRepositories(app: Probot, events: Events): void {
  app.on(
    [
      'repository.renamed',
      'repository.transferred',
      'repository.privatized',
      'repository.publicized',
      'repository.archived',
      'repository.unarchived',
      'repository.edited',
    ],
    async ({ payload }) => {
      if (payload.installation === undefined) return
      await events.repositoryChanged(payload.installation.id, readRepository(payload.repository))
    },
  )
  app.on('repository.deleted', async ({ payload }) => {
    if (payload.installation === undefined) return
    await events.repositoryDeleted(payload.installation.id, payload.repository.id)
  })
  app.on('push', async ({ payload }) => {
    if (payload.installation === undefined || !isToDefaultBranch(payload)) return
    const repository = pushed(payload.repository)
    if (payload.commits.some(({ message }) => mayRevert(message)))
      await events.revertsPushed(payload.installation.id, repository, payload.after)
    const changes = payload.commits.filter(({ added = [], modified = [], removed = [] }) =>
      [...added, ...modified, ...removed].includes(settingsPath),
    )
    const commit = changes.at(-1)
    if (commit !== undefined) await events.settingsPushed(payload.installation.id, repository, commit.id)
  })
}

function hearPulls(app: Probot, events: Events): void {
  app.on(['issues.deleted', 'issues.transferred'], async ({ payload }) => {
    if (payload.installation === undefined) return
    await events.issueGone(payload.installation.id, readRepository(payload.repository), payload.issue.number)
  })
  app.on('issue_comment.created', async ({ payload, octokit }) => {
    const { installation, issue, comment, repository } = payload
    if (installation === undefined || issue.pull_request === undefined) return
    if (comment.user === null || !/^\s*\/quarry\s+forget\s*$/m.test(comment.body)) return
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
      owner: repository.owner.login,
      repo: repository.name,
      username: comment.user.login,
    })
    if (!['admin', 'write'].includes(data.permission)) return
    await events.pullForgotten(installation.id, readRepository(repository), issue.number)
  })
  app.on(
    ['pull_request.closed', 'pull_request.edited', 'pull_request.labeled', 'pull_request.unlabeled'],
    async ({ payload }) => {
      if (payload.installation === undefined || !payload.pull_request.merged) return
      const { number, updated_at: at } = payload.pull_request
      await events.pullMerged(payload.installation.id, readRepository(payload.repository), number, at)
    },
  )
}

function isToDefaultBranch({ ref, repository }: { ref: string; repository: { default_branch: string } }): boolean {
  return ref === `refs/heads/${repository.default_branch}`
}

function installationOf({ id, account, permissions = {} }: InstallationPayload) {
  const held = Object.entries(permissions).filter(([, level]) => typeof level === 'string')
  return { id, account: nameOf(account), permissions: Object.fromEntries(held) }
}

/** Users and organisations have a login, enterprises a slug. */
function nameOf(account: object | null): string {
  if (account === null) return ''
  if ('login' in account) return String(account.login)
  return 'slug' in account ? String(account.slug) : ''
}

/** A push tells the same of its repository, with other types. */
function pushed(repository: { id: number; full_name: string; private: boolean; archived?: boolean }): GitHubRepository {
  const { id, full_name: fullName, private: isPrivate, archived = false } = repository
  return { id, fullName, private: isPrivate, archived, defaultBranch: null }
}

/** Lists of granted repositories are short of what the repository itself says; its backfill reads that. */
function granted({
  id,
  full_name,
  private: isPrivate,
}: {
  id: number
  full_name: string
  private: boolean
}): GitHubRepository {
  return { id, fullName: full_name, private: isPrivate, archived: false, defaultBranch: null }
}
