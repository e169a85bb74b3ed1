import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { asCaller } from '../../src/db/as-caller.ts'
import { testDatabase } from '../postgres.ts'

test('what is read first is read as the caller, however early it is asked for', async () => {
  const database = await testDatabase()
  try {
    const first = () =>
      asCaller(database.db, { owners: ['acme', 'other'] }, async (tx) => {
        const { rows } = await tx.execute(sql`select current_user as role, quarry_owners() as owners`)
        return rows[0]
      })
    const seen = await Promise.all(Array.from({ length: 40 }, first))
    expect(seen).toEqual(seen.map(() => ({ role: 'quarry_reader', owners: ['acme', 'other'] })))
  } finally {
    await database.close()
  }
})

test('where the role can not be taken nothing is read', async () => {
  const database = await testDatabase()
  try {
    const read = asCaller(database.db, { owners: ['acme\0'] }, (tx) => tx.execute(sql`select 1`))
    await expect(read).rejects.toThrow()
    const { rows } = await database.db.execute(sql`select current_user <> 'quarry_reader' as own`)
    expect(rows).toEqual([{ own: true }])
  } finally {
    await database.close()
  }
})
