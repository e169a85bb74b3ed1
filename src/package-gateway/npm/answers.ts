import type { ServerResponse } from 'node:http'
import semver from 'semver'
import { type Context, type Exchange, missing, note, reply, sendPackage } from '../replies.ts'
import { type VisiblePackage, visibleAsOf } from './as-of.ts'
import { baseName } from './package-name.ts'
import { parseRoute, type Route } from './route.ts'
import type { KeptVersion } from './types.ts'

const abbreviated = 'application/vnd.npm.install-v1+json'

/** Answers what npm, pnpm and yarn ask. Throws Fault('registry') where the upstream does not answer. */
export async function answerNpm(context: Context, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const route = parseRoute(request.method ?? '', request.url ?? '')
  if (route.kind === 'refused') {
    note(context.log.refused, { what: `${request.method} ${request.url}`.slice(0, 300), why: route.why })
    return reply(response, 403, { error: `the package gateway refuses this: ${route.why}` })
  }
  if (route.kind === 'audit' || route.kind === 'ping') return reply(response, 200, {})
  if (route.kind === 'absent') return reply(response, 404, { error: 'not found' })
  return route.kind === 'tarball'
    ? await answerTarball(context, route, exchange)
    : await answerPackage(context, route, exchange)
}

type TarballRoute = Extract<Route, { kind: 'tarball' }>
type PackageRoute = Extract<Route, { kind: 'packument' | 'version' | 'tags' }>

async function answerTarball(context: Context, { name, file }: TarballRoute, exchange: Exchange): Promise<void> {
  const kept = await context.registry.tarball(name, file)
  if (kept === null) return missing(context, exchange.response, `${name}/-/${file}`)
  await sendPackage(context, exchange, `${name}/-/${file}`, kept)
}

async function answerPackage(context: Context, route: PackageRoute, { request, response }: Exchange): Promise<void> {
  const packument = await context.registry.packument(route.name, context.asOf)
  if (packument === null) return missing(context, response, route.name)
  const { hidden, shown } = await context.fitting()
  const visible = visibleAsOf(packument, context.asOf, {
    hidden: hidden[route.name] ?? [],
    shown: shown[route.name] ?? [],
  })
  noteVisible(context, route.name, visible)
  if (route.kind === 'tags') return reply(response, 200, visible.tags)
  if (route.kind === 'version') return answerVersion(context, route, visible, response)
  const short = (request.headers.accept ?? '').includes(abbreviated)
  const document = packumentDocument(context, route.name, visible, !short)
  reply(response, 200, document, short ? abbreviated : 'application/json')
}

function noteVisible(context: Context, name: string, visible: VisiblePackage): void {
  context.log.packuments += 1
  if (!context.log.served.includes(name)) note(context.log.served, name)
  if (!visible.unsure) return
  context.log.flags.add('registry-times-unsure')
  if (!context.log.unsure.includes(name)) note(context.log.unsure, name)
}

/** `/name/latest`, `/name/^1.2.0`, `/name/1.2.0`: one manifest. */
function answerVersion(
  context: Context,
  route: Extract<Route, { kind: 'version' }>,
  visible: VisiblePackage,
  response: ServerResponse,
): void {
  const tagged = visible.tags[route.selector]
  const version =
    tagged ??
    semver.maxSatisfying(
      visible.versions.map(([each]) => each),
      route.selector,
    )
  const found = visible.versions.find(([each]) => each === version)
  if (found === undefined) missing(context, response, `${route.name}@${route.selector}`)
  else reply(response, 200, manifestFor(context, route.name, found))
}

function packumentDocument(context: Context, name: string, visible: VisiblePackage, withTimes: boolean): object {
  const versions = Object.fromEntries(visible.versions.map((each) => [each[0], manifestFor(context, name, each)]))
  const modified = iso(Math.max(0, ...visible.versions.map(([, kept]) => publishedAt(kept, context.asOf))))
  const document = { name, 'dist-tags': visible.tags, versions, modified }
  return withTimes
    ? { ...document, _id: name, time: { created: iso(0), modified, ...times(context, visible) } }
    : document
}

/** With its tarball at the gateway's own address, under the name by which every client knows it. */
function manifestFor(context: Context, name: string, [version, kept]: readonly [string, KeptVersion]): object {
  const file = `${baseName(name)}-${version}.tgz`
  return { ...kept.manifest, dist: { ...kept.manifest.dist, tarball: `${context.address}/${name}/-/${file}` } }
}

/** Clients that resolve by time (npm's `before`, pnpm's `time-based`) see times that agree with what they are shown. */
function times(context: Context, visible: VisiblePackage): Record<string, string> {
  return Object.fromEntries(visible.versions.map(([version, kept]) => [version, iso(publishedAt(kept, context.asOf))]))
}

function publishedAt(kept: KeptVersion, asOf: Date | null): number {
  const known = kept.notBefore ?? kept.notAfter ?? 0
  return asOf === null ? known : Math.min(known, asOf.getTime())
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
