import type { KeptUpstream } from '../kept-upstream.ts'
import type { PackageProtocol, ProtocolAnswer, ProtocolRequest } from '../protocol.ts'
import type { ExpectedDigest } from '../stored-files.ts'
import { readPipConfiguration } from './configuration.ts'
import { renderPage } from './pages.ts'
import { isProjectName, normalisedName } from './project-names.ts'
import { type IndexFile, indexAccept, readPage } from './project-page.ts'

/**
 * PyPI's index: `/simple/<project>/` (PEP 503, 691, 700), and the files that it names below `/files/<project>/`, with the metadata of
 * wheels (PEP 658). Files uploaded after the date asked for are hidden, unless that leaves nothing of a project.
 */
export const pypi: PackageProtocol = {
  name: 'pypi',
  readUpstream: readPipConfiguration,
  open: (kept) => ({ answer: (request) => answer(kept, request) }),
}

async function answer(kept: KeptUpstream, request: ProtocolRequest): Promise<ProtocolAnswer> {
  const [kind, project = '', file, ...more] = request.segments
  if (more.length > 0 || !isProjectName(project)) return { kind: 'refused', why: 'not a path of a Python index' }
  const name = normalisedName(project)
  if (kind === 'simple' && file === undefined) return page(kept, name, request)
  if (kind === 'files' && file !== undefined) return fileOf(kept, name, file, request)
  return { kind: 'refused', why: 'not a path of a Python index' }
}

async function page(kept: KeptUpstream, name: string, request: ProtocolRequest): Promise<ProtocolAnswer> {
  const { asOf } = request
  const files = await filesOf(kept, name, asOf)
  if (files === null) return { kind: 'absent', name }
  const then =
    asOf === null ? files : files.filter(({ uploadedAt }) => uploadedAt === null || uploadedAt <= asOf.getTime())
  // What was wanted on that day was there: a project of later files alone had its older ones taken away and uploaded again.
  const shown = then.length === 0 ? files : then
  const unsure = asOf !== null && (shown !== then || shown.some(({ uploadedAt }) => uploadedAt === null))
  return { kind: 'document', name, unsure, ...renderPage(name, shown, request.accept, request.address) }
}

/** A file that the index names, also one that a date hides: a lockfile may ask for it, and says itself what it must be. */
async function fileOf(
  kept: KeptUpstream,
  name: string,
  file: string,
  request: ProtocolRequest,
): Promise<ProtocolAnswer> {
  const wheel = file.replace(/\.metadata$/, '')
  const found = (await filesOf(kept, name, request.asOf))?.find(({ filename }) => filename === wheel)
  if (found === undefined) return { kind: 'absent', name: file }
  if (wheel === file) return sent(file, await kept.file(found.url, expected(found.hashes)))
  if (found.metadata === false) return { kind: 'absent', name: file }
  return sent(file, await kept.file(`${found.url}.metadata`, expected(found.metadata === true ? {} : found.metadata)))
}

function sent(name: string, file: Awaited<ReturnType<KeptUpstream['file']>>): ProtocolAnswer {
  return file === null ? { kind: 'absent', name } : { kind: 'file', name, file }
}

/** Of the first index that has the project, as no package may be mixed out of two. */
async function filesOf(kept: KeptUpstream, name: string, asOf: Date | null): Promise<readonly IndexFile[] | null> {
  for (const registry of kept.registries) {
    const address = `${registry}${name}/`
    const document = await kept.document(address, { asOf, accept: indexAccept })
    if (document !== null) return readPage(document, address)
  }
  return null
}

function expected(hashes: Readonly<Record<string, string>>): ExpectedDigest {
  return { sha512: hashes.sha512 ?? null, sha256: hashes.sha256 ?? null, sha1: hashes.sha1 ?? null }
}
