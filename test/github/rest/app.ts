import { createHash } from 'node:crypto'
import { type Answer, notFound, ok, refusal } from '../answer.ts'
import { nodeId } from '../ids.ts'
import { arrayOf, isObject, type Json, type JsonObject, objectAt } from '../json.ts'
import type { Scene } from '../scene.ts'
import type { Installation, Level, Repository } from '../types.ts'
import { isoDate, nameOf } from '../world.ts'
import { paged } from './paging.ts'
import { appRoute, type RestRequest, type Route } from './route.ts'

const listed = (scene: Scene) => [...scene.world.installations.values()].filter(({ deleted }) => !deleted)

export const appRoutes: readonly Route[] = [
  appRoute('GET /app', (_, scene) => ok(appShape(scene))),
  appRoute('GET /app/installations', ({ address }, scene) =>
    paged(listed(scene), address, (page) => page.map((each) => installationShape(scene, each))),
  ),
  appRoute('GET /app/installations/{installation_id}', ({ named }, scene) => {
    const installation = listed(scene).find(({ id }) => id === Number(named.installation_id))
    return installation === undefined ? notFound : ok(installationShape(scene, installation))
  }),
  appRoute('GET /repos/{owner}/{repo}/installation', ({ named }, scene) => {
    const installation = scene.world.named(`${named.owner}/${named.repo}`)?.installation
    return installation == null ? notFound : ok(installationShape(scene, installation))
  }),
  appRoute('POST /app/installations/{installation_id}/access_tokens', grantToken),
  {
    operation: 'POST /app-manifests/{code}/conversions',
    answer: ({ named }, scene) =>
      named.code === scene.manifestCode ? { status: 201, body: converted(scene) } : notFound,
  },
]

export function installationShape(scene: Scene, installation: Installation): JsonObject {
  const { account, id } = installation
  const [example] = arrayOf(scene.examples().get('base-installation-items'))
  return {
    ...objectAt(example),
    id,
    account: scene.shapes.account(account.login, account.type),
    repository_selection: installation.selection,
    access_tokens_url: `${scene.url}/api/v3/app/installations/${id}/access_tokens`,
    repositories_url: `${scene.url}/api/v3/installation/repositories`,
    html_url: `${scene.url}/settings/installations/${id}`,
    app_id: scene.appId,
    app_slug: scene.appSlug,
    target_id: account.id,
    target_type: account.type,
    permissions: { ...installation.permissions },
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    suspended_at: installation.suspendedAt,
    suspended_by: installation.suspendedAt === null ? null : scene.shapes.account(account.login),
  }
}

/** A token for all that the installation has, or for the part that the body asks for. */
function grantToken(request: RestRequest, scene: Scene): Answer {
  const installation = listed(scene).find(({ id }) => id === Number(request.named.installation_id))
  if (installation === undefined) return notFound
  if (installation.suspendedAt !== null) return refusal(403, 'This installation has been suspended')
  const body = isObject(request.body) ? request.body : {}
  const permissions = isObject(body.permissions) ? levelsOf(body.permissions) : installation.permissions
  const chosen = chosenRepositories(scene, installation, body)
  if (!within(permissions, installation.permissions))
    return refusal(422, 'The permissions requested are not granted to this installation.')
  if (chosen === 'unknown')
    return refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  const grant = scene.callers.grant(installation, permissions, chosen && new Set(chosen.map(({ id }) => id)))
  return {
    status: 201,
    body: {
      token: grant.token,
      expires_at: isoDate(grant.expiresAt),
      permissions: { ...permissions },
      repository_selection: chosen === null ? installation.selection : 'selected',
      ...(chosen === null ? {} : { repositories: chosen.map((each) => scene.shapes.repository(each)) }),
    },
  }
}

/** `null`: the body names none, which means all. */
function chosenRepositories(
  scene: Scene,
  installation: Installation,
  body: JsonObject,
): Repository[] | null | 'unknown' {
  const asked: Json[] = [...arrayOf(body.repository_ids), ...arrayOf(body.repositories)]
  if (asked.length === 0) return null
  const own = [...scene.world.repositories.values()].filter((each) => each.installation === installation)
  const found = asked.map((each) => own.find((repository) => each === repository.id || each === nameOf(repository)))
  const known = found.filter((each) => each !== undefined)
  return known.length === found.length ? known : 'unknown'
}

function levelsOf(body: JsonObject): Record<string, Level> {
  const levels: Record<string, Level> = {}
  for (const [name, level] of Object.entries(body)) levels[name] = level === 'write' ? 'write' : 'read'
  return levels
}

function within(asked: Readonly<Record<string, Level>>, held: Readonly<Record<string, Level>>): boolean {
  return Object.entries(asked).every(([name, level]) => held[name] === 'write' || held[name] === level)
}

function appShape(scene: Scene): JsonObject {
  const { pem, webhook_secret, client_secret, ...example } = objectAt(scene.examples().get('integration-from-manifest'))
  return {
    ...example,
    id: scene.appId,
    slug: scene.appSlug,
    node_id: nodeId('U', `app${scene.appId}`),
    name: 'Quarry',
    owner: scene.shapes.account('acme', 'Organization'),
    external_url: scene.url,
    html_url: `${scene.url}/apps/${scene.appSlug}`,
    installations_count: listed(scene).length,
  }
}

function converted(scene: Scene): JsonObject {
  return {
    ...appShape(scene),
    client_id: `Iv1.${scene.appId}`,
    client_secret: createHash('sha1').update(scene.webhookSecret).digest('hex'),
    webhook_secret: scene.webhookSecret,
    pem: scene.privateKey,
  }
}
