import { z } from 'zod'
import type { KeptUpstream } from '../kept-upstream.ts'
import type { PackageProtocol, ProtocolAnswer, ProtocolRequest } from '../protocol.ts'
import { parseJson } from '../stored-files.ts'
import { readIndex, viewAsOf } from './index-lines.ts'
import { readCratesUpstream } from './upstream.ts'

/** Cargo's sparse index: https://doc.rust-lang.org/cargo/reference/registry-index.html */
export const crates: PackageProtocol = { name: 'crates', readUpstream: readCratesUpstream, open }

const configSchema = z.looseObject({ dl: z.string() })
const crateName = /^[A-Za-z0-9_-]{1,64}$/

function open(kept: KeptUpstream): { answer(request: ProtocolRequest): Promise<ProtocolAnswer> } {
  const [registry = ''] = kept.registries

  return {
    answer: async (request) => {
      const { segments } = request
      if (segments.join('/') === 'config.json') return configuration(request)
      // The page of a crate whose name begins so has a path of three: `dl/ib/dlib`.
      if (segments[0] === 'dl' && segments.length !== 3) return crateFile(segments)
      const name = segments.at(-1) ?? ''
      if (!crateName.test(name) || indexPath(name) !== segments.join('/'))
        return { kind: 'refused', why: 'not a path of a sparse index' }
      const page = await kept.document(registry + indexPath(name), { asOf: request.asOf, accept: 'text/plain' })
      if (page === null) return { kind: 'absent', name }
      const view = viewAsOf(readIndex(page.body), request.asOf)
      return { kind: 'document', name, type: 'text/plain; charset=utf-8', body: view.body, unsure: view.unsure }
    },
  }

  async function crateFile([, name = '', version = '', last]: readonly string[]): Promise<ProtocolAnswer> {
    if (!crateName.test(name) || last !== 'download') return { kind: 'refused', why: 'not a path of a crate file' }
    const file = `${name}-${version}.crate`
    // Any copy of the page that knows the version will do; one that does not may be older than it.
    const checksum =
      (await checksumOf(name, version, 'never-changes')) ??
      (await checksumOf(name, version, new Date(Date.now() - 1000)))
    if (checksum === null) return { kind: 'absent', name: file }
    const address = await downloadAddress(name, version, checksum)
    if (address === null) return { kind: 'refused', why: 'the registry has no configuration' }
    const found = await kept.file(address, { sha512: null, sha256: checksum, sha1: null })
    return found === null ? { kind: 'absent', name: file } : { kind: 'file', name: file, file: found }
  }

  async function checksumOf(name: string, version: string, asOf: Date | 'never-changes'): Promise<string | null> {
    const page = await kept.document(registry + indexPath(name), { asOf, accept: 'text/plain' })
    if (page === null) return null
    return readIndex(page.body).find((line) => line.version === version)?.checksum ?? null
  }

  async function downloadAddress(name: string, version: string, checksum: string): Promise<string | null> {
    const page = await kept.document(`${registry}config.json`, { asOf: 'never-changes', accept: 'application/json' })
    const parsed = configSchema.safeParse(parseJson(page?.body.toString('utf8') ?? ''))
    return parsed.success ? filled(parsed.data.dl, name, version, checksum) : null
  }
}

/** Crate files are asked for at the gateway, wherever the registry keeps them. */
function configuration({ address }: ProtocolRequest): ProtocolAnswer {
  const body = Buffer.from(JSON.stringify({ dl: `${address}/dl/{crate}/{version}/download`, api: address }))
  return { kind: 'document', name: 'config.json', type: 'application/json', body }
}

/** Where a crate's page stands: `1/a`, `2/ab`, `3/a/abc`, `ab/cd/abcdef`, in lower case. */
export function indexPath(name: string): string {
  const lower = name.toLowerCase()
  if (lower.length < 3) return `${lower.length}/${lower}`
  if (lower.length === 3) return `3/${lower.slice(0, 1)}/${lower}`
  return `${lower.slice(0, 2)}/${lower.slice(2, 4)}/${lower}`
}

/** The address of a crate file, with the markers that cargo knows; without any, cargo's own ending. */
function filled(dl: string, name: string, version: string, checksum: string): string {
  const prefix = (text: string) => indexPath(text).slice(0, indexPath(text).lastIndexOf('/'))
  const values: Readonly<Record<string, string>> = {
    crate: name,
    version,
    prefix: name.length < 4 ? prefix(name) : `${name.slice(0, 2)}/${name.slice(2, 4)}`,
    lowerprefix: prefix(name),
    'sha256-checksum': checksum,
  }
  const template = /\{(?:crate|version|prefix|lowerprefix|sha256-checksum)\}/.test(dl)
    ? dl
    : `${dl}/{crate}/{version}/download`
  return template.replace(/\{([a-z0-9-]+)\}/g, (whole, key: string) => values[key] ?? whole)
}
