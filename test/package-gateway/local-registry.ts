import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

export interface LocalPackage {
  readonly name: string
  readonly versions: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly time?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
}

export interface LocalRegistry {
  /** Ends in `/`. */
  readonly address: string
  /** `GET /ms` and the Authorization header, in order. */
  readonly asked: { readonly line: string; readonly authorization: string | null }[]
  /** Answers before the registry does: true where it has answered. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | null
  close(): Promise<void>
}

/** An npm registry of the tests' own on loopback, that serves made-up packages. */
export async function startRegistry(packages: readonly LocalPackage[]): Promise<LocalRegistry> {
  const asked: LocalRegistry['asked'] = []
  const tarballs = new Map<string, Buffer>()
  const documents = new Map<string, object>()
  const server = createServer((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization ?? null })
    if (registry.intercept?.(request, response)) return
    const path = decodeURIComponent(request.url ?? '/').slice(1)
    const tarball = tarballs.get(path)
    const document = documents.get(path)
    if (tarball !== undefined) response.end(tarball)
    else if (document !== undefined)
      response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = addressOf(server.address())
  for (const each of packages) {
    const versions: Record<string, object> = {}
    for (const [version, manifest] of Object.entries(each.versions)) {
      const file = `${each.name}/-/${each.name.split('/').at(-1)}-${version}.tgz`
      const bytes = await makeTarball({ name: each.name, version, ...manifest })
      tarballs.set(file, bytes)
      const document = { name: each.name, version, ...manifest, dist: distOf(address + file, bytes) }
      versions[version] = document
      documents.set(`${each.name}/${version}`, document)
    }
    const highest = Object.keys(each.versions).at(-1) ?? ''
    documents.set(each.name, {
      name: each.name,
      'dist-tags': each.tags ?? { latest: highest },
      time: each.time ?? {},
      versions,
    })
  }
  const registry: LocalRegistry = {
    address,
    asked,
    intercept: null,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return registry
}

export function addressOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  if (address === null || typeof address === 'string') throw new Error('the server listens nowhere')
  return `http://127.0.0.1:${address.port}/`
}

function distOf(tarball: string, bytes: Buffer): object {
  return {
    tarball,
    shasum: createHash('sha1').update(bytes).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
  }
}

async function makeTarball(manifest: object): Promise<Buffer> {
  const archive = pack()
  archive.entry({ name: 'package/package.json' }, JSON.stringify(manifest))
  archive.entry({ name: 'package/index.js' }, `module.exports = ${JSON.stringify(manifest)}\n`)
  archive.finalize()
  return gzipSync(await buffer(archive))
}
