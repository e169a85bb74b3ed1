import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Log } from '../../log.ts'
import { answerFailure, problemOf, sendProblem } from '../api/failures.ts'
import { notFound, Problem, problemBody } from '../api/problem.ts'

/** GitHub gives up after 10 s; who sends a request for longer holds memory and means no good. */
const requestTimeoutMs = 60_000
/** Who neither sends nor takes a byte for so long is gone. Whoever waits for a grade is answered within a minute. */
const silenceMs = 5 * 60_000
/** An address may list what it leaves out; longer lists go into a body. */
const headerBytes = 64 * 1024
/** The longest name of a task: an owner, a repository, a pull, a commit and a revision. */
const nameLength = 250

/** The HTTP server that everything else registers its routes on. Whatever goes wrong is told as a problem document. */
export function makeWeb(log: Log): FastifyInstance {
  // fastify's logger type is pino's own, with fewer members.
  const web = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestTimeout: requestTimeoutMs,
    connectionTimeout: silenceMs,
    http: { maxHeaderSize: headerBytes },
    routerOptions: { maxParamLength: nameLength },
    // A request that comes while it ends is answered like any other, and its connection closed.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => refuseConnection(error, socket),
    frameworkErrors: (error, request, reply) => void sendProblem(reply, problemOf(error, request)),
  })
  web.setErrorHandler((error, request, reply) => answerFailure(error, request, reply, log))
  web.setNotFoundHandler((_request, reply) => sendProblem(reply, notFound('such page')))
  return web as unknown as FastifyInstance
}

/** What is no HTTP, too slow or too long never becomes a request. */
function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy(error)
    return
  }
  const problem = connectionProblem(error.code ?? '')
  const body = JSON.stringify(problemBody(problem))
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.message}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function connectionProblem(code: string): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(431, 'the address or a header is too long', 'POST /v1/tasks/search takes long lists in its body')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem(408, 'the request took too long', `send it within ${requestTimeoutMs / 1000} s`)
  return new Problem(400, 'this is no HTTP request', 'send HTTP/1.1')
}
