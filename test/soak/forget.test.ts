import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quarry, runQuarry } from '../end-to-end/sample.ts'
import { makeClone, markerOf } from '../erasure/marked-clone.ts'
import { tracesInDatabase, tracesInFiles } from '../erasure/traces.ts'
import { testDatabase } from '../postgres.ts'
import { startProgram } from '../program.ts'

let folder: string
let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-forget-'))
  database = await testDatabase()
})
afterAll(async () => {
  await database?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('an erasure killed at random instants and run again leaves nothing', async () => {
  const settings = { QUARRY_HOME: join(folder, 'home'), DATABASE_URL: database.url }
  const { PATH = '', HOME = '' } = process.env
  for (let round = 0; round < 5; round += 1) {
    const name = `killed${round}`
    await runQuarry(makeClone(folder, name, markerOf(name)).arguments, settings)
    for (let kills = 0; kills < 4; kills += 1) {
      const forgetting = startProgram([quarry, 'forget', `acme/${name}`, '--yes'], { env: { PATH, HOME, ...settings } })
      await delay(400 + Math.random() * 1500)
      await forgetting.kill()
    }
    expect((await runQuarry(['forget', `acme/${name}`, '--yes'], settings)).exitCode).toBe(0)
    expect(await tracesInDatabase(database.db, markerOf(name))).toEqual([])
    expect(tracesInFiles(settings.QUARRY_HOME, markerOf(name))).toEqual([])
  }
})
