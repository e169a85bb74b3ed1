import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../../src/db/connect.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { type StoppablePostgres, startPostgres } from '../../stoppable-postgres.ts'
import { type ApiScene, openApiScene } from './scene.ts'

let postgres: StoppablePostgres
let database: Database
let scene: ApiScene

beforeAll(async () => {
  postgres = await startPostgres()
  database = await openDatabase({ databaseUrl: postgres.url, home: '/nonexistent', connections: 4 })
  scene = await openApiScene({ database })
  await addTask(scene.db, await addRepository(scene.db), 1)
})
afterAll(async () => {
  await scene?.close()
  await database?.close()
  await postgres?.remove()
})

it('tells that the database is away and when to ask again, and goes on when it is back', async () => {
  const asked = ['/v1/tasks', '/v1/tasks/acme__shop-1', '/v1/tasks/acme__shop-1/tests', '/v1/stats']
  for (const url of asked) expect((await scene.get(url)).statusCode).toBe(200)
  await postgres.stop('immediate')
  for (const url of asked)
    for (const accept of ['application/json', 'application/x-ndjson, */*;q=0.1']) {
      const answer = await scene.get(url, { headers: { accept, 'accept-encoding': 'gzip' } })
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5'])
      expect(answer.headers['content-type']).toContain('application/problem+json')
      expect(answer.json()).toMatchObject({ type: 'urn:quarry:problem:unavailable' })
    }
  await postgres.start()
  for (const url of asked) expect((await scene.get(url)).statusCode).toBe(200)
})
