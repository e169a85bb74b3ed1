import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { addressOf } from './local-registry.ts'

export interface LocalFiles {
  /** Ends in `/`. */
  readonly address: string
  /** `GET /path` and the Authorization header, in order. */
  readonly asked: { readonly line: string; readonly authorization: string | null }[]
  /** Path without its first slash → content; the tests change it as they go. */
  readonly files: Map<string, { readonly body: string | Buffer; readonly headers?: Readonly<Record<string, string>> }>
  /** Answers before the files do: true where it has answered. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | null
  close(): Promise<void>
}

/** A server of the tests' own on loopback that stands for any registry made of files: an index, a module proxy, a repository. */
export async function startFiles(): Promise<LocalFiles> {
  const files: LocalFiles['files'] = new Map()
  const asked: LocalFiles['asked'] = []
  const server = createServer((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization ?? null })
    if (local.intercept?.(request, response)) return
    const found = files.get(decodeURIComponent((request.url ?? '/').replace(/\?.*$/, '')).slice(1))
    if (found === undefined) response.writeHead(404).end()
    else response.writeHead(200, found.headers).end(found.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const local: LocalFiles = {
    address: addressOf(server.address()),
    asked,
    files,
    intercept: null,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return local
}
