import { createHmac } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { runServer } from '../../../src/apps/server/serve.ts'
import { readConfig } from '../../../src/config.ts'
import { deliveries } from '../../../src/db/schema.ts'
import { appVariables } from '../../end-to-end/github-sample.ts'
import { runQuarry } from '../../end-to-end/sample.ts'
import { type GitHubServer, startGitHub } from '../../github/index.ts'
import { watchedLog } from '../../log-lines.ts'
import { testDatabase } from '../../postgres.ts'

const { log, lines } = watchedLog('info')
let database: Awaited<ReturnType<typeof testDatabase>>
let github: GitHubServer
let line: Line

/** The way to Postgres, that can be cut and mended. */
interface Line {
  readonly url: string
  cut(): Promise<void>
  mend(): Promise<void>
}

async function layLine(): Promise<Line> {
  const open = new Set<Socket>()
  let server: Server
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      server = createServer((client) => {
        const far = connect(`${inject('postgres').host}/.s.PGSQL.5432`)
        for (const [socket, other] of [
          [client, far],
          [far, client],
        ] as const) {
          open.add(socket)
          socket.pipe(other)
          socket.on('error', () => other.destroy())
          socket.on('close', () => open.delete(socket))
        }
      })
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  const port = await listen(0)
  const name = new URL(database.url).pathname
  return {
    url: `postgres://quarry@127.0.0.1:${port}${name}`,
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
    mend: async () => void (await listen(port)),
  }
}

beforeEach(async () => {
  database = await testDatabase()
  github = await startGitHub({ validate: false })
  line = await layLine()
})
afterEach(async () => {
  await line.cut()
  await github.close()
  await database.close()
})

test('a server whose database goes away says so, loses nothing, and goes on by itself', async () => {
  const config = readConfig({ ...appVariables(github), HOME: '/nonexistent', DATABASE_URL: line.url })
  const stopped = new AbortController()
  const listening = Promise.withResolvers<string>()
  const ready = (address: string) => listening.resolve(address)
  const server = runServer(config, log, { worker: null }, { ready, settled: () => undefined, signal: stopped.signal })
  try {
    const address = await Promise.race([listening.promise, server.then(() => '')])
    const status = async (path: string) => (await fetch(`${address}${path}`)).status
    expect(await status('/readyz')).toBe(200)

    await line.cut()
    expect(await send(address, 'while-down')).toBe(503)
    const about = { delivery: 'while-down', event: 'push', repository: 'acme/shop' }
    const told = lines().find(({ msg }) => msg === 'webhook not stored')
    expect(told).toMatchObject({ level: 50, ...about, error: expect.stringMatching(/ECONNREFUSED/) })
    expect(JSON.stringify(lines())).not.toContain('what the payload says')
    expect(await status('/readyz')).toBe(503)
    expect(await status('/healthz')).toBe(200)
    expect(await (await fetch(`${address}/metrics`)).text()).toMatch(
      /^quarry_deliveries_total\{event="push",outcome="failed"\} 1$/m,
    )

    await line.mend()
    await expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(200)
    expect(await send(address, 'while-down')).toBe(202)
    expect(await database.db.select().from(deliveries)).toMatchObject([{ guid: 'while-down' }])
  } finally {
    stopped.abort()
    await server
  }
})

test('a command whose database is down ends with the mend, and no stack trace', async () => {
  const { url } = line
  await line.cut()
  for (const command of [['serve', '--no-worker'], ['worker']]) {
    const { exitCode, stderr } = await runQuarry(command, { ...appVariables(github), DATABASE_URL: url })
    expect(stderr).toMatch(/^error: The database named by DATABASE_URL can't be reached: .+\nmend: Start it or mend/m)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(exitCode).toBe(2)
  }
  await line.mend()
})

async function send(address: string, guid: string): Promise<number> {
  const repository = { id: 7, full_name: 'acme/shop', default_branch: 'main' }
  const commits = [{ message: 'Revert "what the payload says"' }]
  const body = JSON.stringify({ ref: 'refs/heads/main', installation: { id: 1 }, repository, commits })
  const signature = createHmac('sha256', github.webhookSecret).update(body).digest('hex')
  const { status } = await fetch(`${address}/api/github/webhooks`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': guid,
      'x-hub-signature-256': `sha256=${signature}`,
    },
  })
  return status
}
