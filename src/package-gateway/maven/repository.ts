import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path/posix'
import type { KeptDocument, KeptFile, KeptUpstream } from '../kept-upstream.ts'
import type { ProtocolAnswer, ProtocolRequest } from '../protocol.ts'
import { readPath } from './layout.ts'
import { listedVersions, visibleAt, withVersions } from './metadata.ts'
import { zipEntries } from './zip.ts'

/** Answers as a Maven repository, out of the operator's repositories asked in their order. */
export async function answerMaven(kept: KeptUpstream, request: ProtocolRequest): Promise<ProtocolAnswer> {
  const asked = readPath(request.segments)
  if (asked.kind === 'refused' || asked.kind === 'absent') return asked
  if (asked.kind === 'metadata') return metadata(kept, asked.path, asked.checksum, request.asOf)
  // Nobody checks signatures here: each file is checked against the repository's own digest.
  if (asked.file.endsWith('.asc')) return { kind: 'absent', name: asked.file }
  const file = await fileOf(kept, asked.path)
  if (file === null)
    return { kind: 'absent', name: asked.isStandIn ? `${nameOf(asked.path)}-SNAPSHOT` : nameOf(asked.path) }
  if (asked.isStandIn && asked.checksum === null)
    return { ...document(asked.file, await readFile(file.path)), type: 'text/xml', unsure: true }
  if (asked.checksum === null) return { kind: 'file', name: asked.file, file }
  return document(`${asked.file}.${asked.checksum}`, digest(asked.checksum, await readFile(file.path)))
}

async function metadata(
  kept: KeptUpstream,
  path: string,
  checksum: string | null,
  asOf: Date | null,
): Promise<ProtocolAnswer> {
  const name = dirname(path).replaceAll('/', '.')
  const found = await firstDocument(kept, path, asOf)
  if (found === null) return { kind: 'absent', name }
  const text = found.body.toString('utf8')
  const versions = listedVersions(text)
  const visible =
    asOf === null || versions.length === 0
      ? { versions, unsure: false }
      : await visibleAt(versions, asOf, (version) => publishedAt(kept, dirname(path), version))
  const body = versions.length === 0 ? found.body : Buffer.from(withVersions(text, visible.versions))
  const answer =
    checksum === null ? { ...document(name, body), type: 'text/xml' } : document(name, digest(checksum, body))
  return { ...answer, unsure: visible.unsure }
}

/**
 * When a version came out: when the repository got its model, or where it does not say so, the newest date inside the jar, which is the
 * build's. Builds that leave no date behind tell nothing.
 */
async function publishedAt(kept: KeptUpstream, folder: string, version: string): Promise<number | null> {
  const path = `${folder}/${version}/${basename(folder)}-${version}`
  const model = await firstDocument(kept, `${path}.pom`, 'never-changes')
  if (model?.modified != null) return model.modified
  const jar = await fileOf(kept, `${path}.jar`)
  if (jar === null) return null
  const times = zipEntries(await readFile(jar.path)).flatMap(({ modified }) =>
    modified === null ? [] : [modified.getTime()],
  )
  return times.length === 0 ? null : Math.max(...times)
}

async function fileOf(kept: KeptUpstream, path: string): Promise<KeptFile | null> {
  for (const registry of kept.registries) {
    const said = await kept.document(`${registry}${path}.sha1`, { asOf: 'never-changes', accept: '*/*' })
    const sha1 = /^[0-9a-f]{40}\b/i.exec(said?.body.toString('latin1').trim() ?? '')?.[0].toLowerCase() ?? null
    const file = await kept.file(`${registry}${path}`, sha1 === null ? null : { sha512: null, sha1 })
    if (file !== null) return file
  }
  return null
}

async function firstDocument(
  kept: KeptUpstream,
  path: string,
  asOf: Date | null | 'never-changes',
): Promise<KeptDocument | null> {
  for (const registry of kept.registries) {
    const found = await kept.document(`${registry}${path}`, { asOf, accept: '*/*' })
    if (found !== null) return found
  }
  return null
}

function document(name: string, body: Buffer): ProtocolAnswer & { readonly kind: 'document' } {
  return { kind: 'document', name, type: 'text/plain', body }
}

function digest(kind: string, bytes: Buffer): Buffer {
  return Buffer.from(createHash(kind).update(bytes).digest('hex'))
}

/** `org/slf4j/slf4j-api/2.0.0/slf4j-api-2.0.0.jar` → `org.slf4j:slf4j-api:2.0.0`. */
function nameOf(path: string): string {
  const segments = path.split('/')
  const [artifact = '', version = ''] = segments.slice(-3, -1)
  return `${segments.slice(0, -3).join('.')}:${artifact}:${version}`
}
