import { afterAll, beforeAll, expect, test } from 'vitest'
import { type StoppablePostgres, startPostgres } from '../stoppable-postgres.ts'
import { type ServedApp, serveApp } from './served-app.ts'

let app: ServedApp
let postgres: StoppablePostgres

beforeAll(async () => {
  postgres = await startPostgres()
  app = await serveApp(postgres.url, 1)
})

afterAll(async () => {
  await app?.close()
  await postgres?.remove()
})

const readiness = async () => (await fetch(`${app.address}/readyz`)).status

test('a database that is away is told of and waited for, and the job at which it went away goes on when it is back', async () => {
  const { github, installation, repository, workers } = app
  app.merge(2, 4)
  const installed = github.payloads.installation('created', installation)
  expect(await app.deliver('installation', installed)).toMatchObject({ statusCode: 202 })
  // Its first stage is done, and the next one under way.
  await workers[0]?.heard('{"candidate":')
  await postgres.stop('immediate')
  expect(await readiness()).toBe(503)
  expect((await fetch(`${app.address}/healthz`)).status).toBe(200)
  const told = await github.payloads.pullRequestClosed(repository, 2)
  expect(await app.deliver('pull_request', told)).toMatchObject({ statusCode: 503 })
  await postgres.start()
  expect(await readiness()).toBe(200)
  expect(await app.deliver('pull_request', told)).toMatchObject({ statusCode: 202 })
  await app.tasksBecome(2, 4)
}, 300_000)

test('both end in order though it is away', async () => {
  await postgres.stop('fast')
  const programs = [app.server, ...app.workers]
  for (const program of programs) process.kill(program.pid, 'SIGTERM')
  expect(await Promise.all(programs.map((program) => program.finish()))).toEqual([0, 0])
}, 60_000)
