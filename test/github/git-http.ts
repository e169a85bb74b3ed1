import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Callers } from './callers.ts'
import { gitVariables } from './git-objects.ts'
import type { Repository } from './types.ts'
import { may, sees, type World } from './world.ts'

const gitPath = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*))$/

export interface GitRequest {
  readonly fullName: string
  /** Below the repository, `/info/refs`. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
}

export function gitRequestIn(address: URL): GitRequest | null {
  const [, owner, name, path] = gitPath.exec(decodeURI(address.pathname)) ?? []
  return owner && name && path ? { fullName: `${owner}/${name}`, path, query: address.search } : null
}

/** Where a request for a repository leads: git itself, or an answer without it. */
export type GitAccess =
  | { readonly repository: Repository }
  | { readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, string>> }

/** GitHub asks who it is before it tells that something is not there, so that git sends what it has. */
export function accessGit(
  asked: GitRequest,
  authorization: string | undefined,
  callers: Callers,
  world: World,
): GitAccess {
  const identified = callers.identify(authorization)
  const repository = world.named(asked.fullName)
  const challenge = { 'www-authenticate': 'Basic realm="GitHub"' }
  if (!identified.known) return { status: identified.status, text: identified.message, headers: challenge }
  const { caller } = identified
  if (repository === null || !sees(caller, repository)) {
    if (caller.kind === 'anonymous') return { status: 401, text: 'Repository not found.', headers: challenge }
    return { status: 404, text: 'Repository not found.', headers: {} }
  }
  if (!may(caller, repository, 'contents', 'read'))
    return { status: 403, text: 'Write access to repository not granted.', headers: {} }
  if (repository.fullName.toLowerCase() === asked.fullName.toLowerCase()) return { repository }
  return { status: 301, text: '', headers: { location: `/${repository.fullName}.git${asked.path}${asked.query}` } }
}

/** Lets `git http-backend` answer (CGI). Reading only: `http.receivepack` is off. */
export async function serveGit(
  repository: Repository,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    env: cgiVariables(repository, path, request),
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const stop = () => child.kill()
  response.once('close', stop)
  // A client that leaves early ends both pipes; git then ends, too.
  const sent = pipeline(request, child.stdin).catch(stop)
  try {
    const body = await readHead(child.stdout, response)
    await pipeline(body, response)
  } finally {
    response.off('close', stop)
    child.kill()
    await sent
  }
}

function cgiVariables(repository: Repository, path: string, request: IncomingMessage): Record<string, string> {
  const { headers } = request
  const length = headers['content-length']
  return {
    ...gitVariables,
    GIT_PROJECT_ROOT: repository.gitDir,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: path,
    QUERY_STRING: (request.url ?? '').split('?')[1] ?? '',
    REQUEST_METHOD: request.method ?? 'GET',
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    GIT_PROTOCOL: [headers['git-protocol'] ?? []].flat().join(':'),
    ...(length === undefined ? {} : { CONTENT_LENGTH: length }),
  }
}

/** Writes the CGI's own header lines as the answer's head, and gives what follows them. */
async function readHead(output: AsyncIterable<Buffer>, response: ServerResponse): Promise<AsyncIterable<Buffer>> {
  const chunks = output[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (!head.includes('\r\n\r\n')) {
    const { value, done } = await chunks.next()
    if (done) throw new Error('git http-backend gave no answer')
    head = Buffer.concat([head, value])
  }
  const end = head.indexOf('\r\n\r\n')
  const lines = head.subarray(0, end).toString().split('\r\n')
  const fields = lines.map(
    (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
  )
  const status = Number.parseInt(fields.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200', 10)
  response.writeHead(status, Object.fromEntries(fields.filter(([name]) => name.toLowerCase() !== 'status')))
  return (async function* () {
    yield head.subarray(end + 4)
    yield* { [Symbol.asyncIterator]: () => chunks }
  })()
}
