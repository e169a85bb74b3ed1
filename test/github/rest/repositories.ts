import { notFound, ok } from '../answer.ts'
import { reaches } from '../world.ts'
import { contentsAnswer } from './contents.ts'
import { paged } from './paging.ts'
import { installationRoute, type Route, repositoryRoute } from './route.ts'

export const repositoryRoutes: readonly Route[] = [
  installationRoute('GET /installation/repositories', (grant, { address, caller }, scene) => {
    const reached = [...scene.world.repositories.values()].filter((each) => reaches(caller, each))
    return paged(reached, address, (page) => ({
      total_count: reached.length,
      repository_selection: grant.repositories === null ? grant.installation.selection : 'selected',
      repositories: page.map((each) => scene.shapes.repository(each)),
    }))
  }),
  repositoryRoute('GET /repos/{owner}/{repo}', 'metadata', 'read', (repository, _, scene) =>
    ok(scene.shapes.repository(repository)),
  ),
  repositoryRoute('GET /repos/{owner}/{repo}/contents/{path}', 'contents', 'read', contentsAnswer),
  repositoryRoute(
    'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
    'metadata',
    'read',
    (repository, { named, caller }, scene) => {
      if (caller.kind === 'anonymous') return notFound
      const login = named.username ?? ''
      const permission = repository.collaborators.get(login.toLowerCase()) ?? (repository.private ? 'none' : 'read')
      return ok({
        permission,
        role_name: permission,
        user: {
          ...scene.shapes.account(login),
          role_name: permission,
          permissions: {
            pull: permission !== 'none',
            triage: permission === 'admin' || permission === 'write',
            push: permission === 'admin' || permission === 'write',
            maintain: permission === 'admin',
            admin: permission === 'admin',
          },
        },
      })
    },
  ),
]
