import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import { faultAnswer } from './fault-answers.ts'
import { accessGit, type GitRequest, gitRequestIn, serveGit } from './git-http.ts'
import { answerGraphQL } from './graphql/answer.ts'
import { readGraphQLRequest } from './graphql/execute.ts'
import { rateHeaders } from './rate-limits.ts'
import { answerRest } from './rest/answer.ts'
import type { Stage } from './scene.ts'
import type { Caller, LoggedRequest, RequestKind } from './types.ts'

/** The server, not yet listening. */
export function makeHttpServer(stage: () => Stage): Server {
  return createServer((request, response) => {
    handle(stage(), request, response).catch((error: unknown) => {
      // A client that left has closed its side; whatever else ends here is a mistake of this server.
      if (!request.socket.destroyed) stage().scene.problems.push(`this server failed at ${request.url}: ${error}`)
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end('{"message":"Server Error"}')
    })
  })
}

async function handle(stage: Stage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const address = new URL(request.url ?? '/', stage.scene.url)
  const git = address.pathname.startsWith('/api/') ? null : gitRequestIn(address)
  const entry = logged(stage, request, response, kindOf(request, address, git !== null))
  const text = git === null ? await readBody(request) : ''
  if (entry.kind === 'graphql') entry.operation = readGraphQLRequest(text)?.operation ?? null
  const latency = stage.latency()
  if (latency > 0) await pause(latency)
  const fault = stage.faults.strike(entry)
  if (fault?.kind === 'reset') return void request.socket.destroy()
  if (fault?.kind === 'slow') await pause(fault.delay ?? 1_000)
  else if (fault !== null) return write(response, withRates(stage, request, faultAnswer(fault, entry.kind), entry.kind))
  if (git !== null) return await answerGit(stage, git, request, response)
  const { method = 'GET', headers } = request
  const { authorization, accept } = headers
  const asked = { method, address, text, authorization, accept, ifNoneMatch: headers['if-none-match'] }
  write(response, await (entry.kind === 'graphql' ? answerGraphQL(stage, asked) : answerRest(stage, asked)))
}

function logged(stage: Stage, request: IncomingMessage, response: ServerResponse, kind: RequestKind): LoggedRequest {
  const identified = stage.scene.callers.identify(request.headers.authorization)
  const entry: LoggedRequest = {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    kind,
    installation:
      identified.known && identified.caller.kind === 'installation' ? identified.caller.grant.installation.id : null,
    operation: null,
    status: 0,
    time: Date.now(),
  }
  stage.requests.push(entry)
  response.once('finish', () => {
    entry.status = response.statusCode
  })
  return entry
}

function kindOf(request: IncomingMessage, address: URL, git: boolean): RequestKind {
  if (git) return 'git'
  if (/^(\/api)?\/graphql$/.test(address.pathname)) return 'graphql'
  return request.method === 'POST' && address.pathname.endsWith('/access_tokens') ? 'token' : 'rest'
}

/** The headers of a budget that the fault leaves as it is. */
function withRates({ scene }: Stage, request: IncomingMessage, answer: Answer, kind: RequestKind): Answer {
  const identified = scene.callers.identify(request.headers.authorization)
  const caller: Caller = identified.known ? identified.caller : { kind: 'anonymous' }
  const resource = kind === 'graphql' ? 'graphql' : 'core'
  return { ...answer, headers: { ...rateHeaders(scene.rates.of(caller, resource), resource), ...answer.headers } }
}

async function answerGit(
  { scene }: Stage,
  git: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const access = accessGit(git, request.headers.authorization, scene.callers, scene.world)
  if ('repository' in access) return await serveGit(access.repository, git.path, request, response)
  response.writeHead(access.status, { 'content-type': 'text/plain', ...access.headers }).end(access.text)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function write(response: ServerResponse, answer: Answer): void {
  const headers = {
    server: 'GitHub.com',
    'content-type': 'application/json; charset=utf-8',
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': randomUUID().slice(0, 18).toUpperCase(),
    ...answer.headers,
  }
  response
    .writeHead(answer.status, headers)
    .end(answer.raw ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body)))
}
