import { accountId, nodeId } from './ids.ts'
import type {
  Caller,
  Installation,
  InstallationSeed,
  Issue,
  Level,
  Permission,
  Pull,
  Repository,
  RepositorySeed,
} from './types.ts'

/** All that there is on this GitHub, and the functions that tests shape it by. Names are compared without case. */
export interface World {
  readonly installations: ReadonlyMap<number, Installation>
  readonly repositories: ReadonlyMap<number, Repository>
  addInstallation(seed: InstallationSeed): Installation
  suspendInstallation(installation: Installation, suspended?: boolean): void
  deleteInstallation(installation: Installation): void
  setPermissions(installation: Installation, permissions: Readonly<Record<string, Level>>): void
  addRepository(seed: RepositorySeed): Repository
  /** The old name leads to the repository until another takes it. */
  renameRepository(repository: Repository, fullName: string): void
  deleteRepository(repository: Repository): void
  setPrivate(repository: Repository, isPrivate: boolean): void
  archive(repository: Repository, archived?: boolean): void
  /** Adds the repository to an installation, or takes it out of its own (`null`). */
  setInstallation(repository: Repository, installation: Installation | null): void
  /** Somebody pushes now. */
  push(repository: Repository): void
  setCollaborator(repository: Repository, login: string, permission: Permission): void
  /** The same number again replaces it, as when it was edited. */
  addPull(repository: Repository, pull: Pull): void
  addIssue(repository: Repository, issue: Issue): void
  /** By its name or a former one. */
  named(fullName: string): Repository | null
}

/** What Quarry asks for when it is installed. */
const usualPermissions: Readonly<Record<string, Level>> = {
  checks: 'write',
  contents: 'read',
  issues: 'read',
  metadata: 'read',
  pull_requests: 'read',
}

export function makeWorld(): World {
  const installations = new Map<number, Installation>()
  const repositories = new Map<number, Repository>()
  const names = new Map<string, Repository>()
  return {
    installations,
    repositories,
    addInstallation(seed) {
      const installation = makeInstallation(101 + installations.size, seed)
      installations.set(installation.id, installation)
      return installation
    },
    suspendInstallation(installation, suspended = true) {
      installation.suspendedAt = suspended ? now() : null
    },
    deleteInstallation(installation) {
      installation.deleted = true
      for (const repository of repositories.values())
        if (repository.installation === installation) repository.installation = null
    },
    setPermissions(installation, permissions) {
      installation.permissions = permissions
    },
    addRepository(seed) {
      const repository = makeRepository(1001 + repositories.size, seed)
      repositories.set(repository.id, repository)
      names.set(seed.fullName.toLowerCase(), repository)
      return repository
    },
    renameRepository(repository, fullName) {
      repository.fullName = fullName
      names.set(fullName.toLowerCase(), repository)
    },
    deleteRepository(repository) {
      repository.deleted = true
      repository.installation = null
    },
    setPrivate(repository, isPrivate) {
      repository.private = isPrivate
    },
    archive(repository, archived = true) {
      repository.archived = archived
    },
    setInstallation(repository, installation) {
      repository.installation = installation
    },
    push(repository) {
      repository.pushedAt = now()
    },
    setCollaborator(repository, login, permission) {
      repository.collaborators.set(login.toLowerCase(), permission)
    },
    addPull(repository, pull) {
      repository.pulls.set(pull.number, pull)
      repository.version += 1
    },
    addIssue(repository, issue) {
      repository.issues.set(issue.number, issue)
    },
    named(fullName) {
      const repository = names.get(fullName.toLowerCase())
      return repository === undefined || repository.deleted ? null : repository
    },
  }
}

function makeInstallation(id: number, seed: InstallationSeed): Installation {
  return {
    id,
    account: { id: accountId(seed.account), login: seed.account, type: seed.type ?? 'Organization' },
    selection: seed.selection ?? 'selected',
    createdAt: now(),
    permissions: seed.permissions ?? usualPermissions,
    suspendedAt: null,
    deleted: false,
  }
}

function makeRepository(id: number, seed: RepositorySeed): Repository {
  return {
    id,
    nodeId: nodeId('R', id),
    gitDir: seed.gitDir,
    defaultBranch: seed.defaultBranch ?? 'main',
    createdAt: now(),
    pulls: new Map(),
    issues: new Map(),
    collaborators: new Map(),
    installation: seed.installation,
    fullName: seed.fullName,
    private: seed.private ?? false,
    archived: false,
    deleted: false,
    pushedAt: '2020-01-01T00:00:00Z',
    version: 0,
  }
}

/** Whether it exists as far as the caller can tell. */
export function sees(caller: Caller, repository: Repository): boolean {
  if (repository.deleted) return false
  return !repository.private || reaches(caller, repository)
}

/** Whether the caller's token was given this very repository. */
export function reaches(caller: Caller, repository: Repository): boolean {
  if (caller.kind !== 'installation' || repository.deleted) return false
  const { installation, repositories } = caller.grant
  if (repository.installation !== installation) return false
  return repositories === null || repositories.has(repository.id)
}

/** Whether the caller may do this to a repository that it sees. Whoever sees a public one may read it. */
export function may(caller: Caller, repository: Repository, permission: string, level: Level): boolean {
  if (level === 'read' && !repository.private) return true
  if (caller.kind !== 'installation' || !reaches(caller, repository)) return false
  const held = caller.grant.permissions[permission]
  return held === 'write' || held === level
}

export function ownerOf(repository: Repository): string {
  return repository.fullName.split('/')[0] ?? ''
}

export function nameOf(repository: Repository): string {
  return repository.fullName.split('/')[1] ?? ''
}

/** In GitHub's form, without milliseconds. */
export function now(): string {
  return isoDate(Date.now())
}

export function isoDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}
