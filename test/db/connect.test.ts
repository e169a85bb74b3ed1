import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openDatabase } from '../../src/db/connect.ts'
import { installations } from '../../src/db/schema.ts'
import { UserError } from '../../src/errors.ts'

test('without a DATABASE_URL the database is Quarry’s own, brought up to date, and kept', async () => {
  const home = mkdtempSync(join(tmpdir(), 'quarry-home-'))
  // The socket's folder goes with the rest.
  vi.stubEnv('TMPDIR', home)
  const first = await openDatabase({ home })
  await first.db.insert(installations).values({ id: 5, account: 'five' })
  await first.close()
  const [again, beside] = await Promise.all([openDatabase({ home }), openDatabase({ home })])
  expect(await again.db.$count(installations)).toBe(2)
  expect(await beside.db.$count(installations)).toBe(2)
  await Promise.all([again.close(), beside.close()])
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
})

test.each([
  'postgres://quarry:secret@127.0.0.1:1/quarry',
  'postgres://quarry:secret@localhost/quarry?host=/nonexistent',
])('a server that cannot be reached is told with the mend, and without the password: %s', async (databaseUrl) => {
  const error = await openDatabase({ databaseUrl, home: '/nonexistent' }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  expect(error).toMatchObject({ mend: expect.stringContaining('DATABASE_URL') })
  expect(String(error)).not.toContain('secret')
})
