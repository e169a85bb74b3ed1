import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openClient } from '../../src/db/client.ts'
import { migrate } from '../../src/db/migrate.ts'
import { readMigrations } from '../../src/db/migrations.ts'
import { Fault, UserError } from '../../src/errors.ts'
import { emptyDatabase } from '../postgres.ts'
import { node, startProgram } from '../program.ts'

let database: Awaited<ReturnType<typeof emptyDatabase>>
let folder: string

beforeEach(async () => {
  database = await emptyDatabase()
  folder = mkdtempSync(join(tmpdir(), 'quarry-migrations-'))
})

afterEach(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

/** A folder of migrations as drizzle-kit writes it. */
async function write(migrations: readonly { tag: string; sql: string; when: number }[]): Promise<URL> {
  await mkdir(join(folder, 'meta'), { recursive: true })
  const entries = migrations.map(({ tag, when }, idx) => ({ idx, version: '7', when, tag, breakpoints: true }))
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }))
  for (const { tag, sql } of migrations) writeFileSync(join(folder, `${tag}.sql`), sql)
  return pathToFileURL(`${folder}/`)
}

async function rows(sql: string): Promise<unknown[]> {
  const client = await openClient({ connectionString: database.url })
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const apple = { tag: '0000_apple', sql: 'create table apple (id int)', when: 1000 }
const pear = { tag: '0001_pear', sql: 'create table pear (id int)', when: 3000 }

describe('migrate', () => {
  test('applies each migration once, whatever number of processes start at the same time', async () => {
    const program = new URL('programs/migrate.ts', import.meta.url)
    const both = [startProgram(node(program, database.url)), startProgram(node(program, database.url))]
    for (const one of both) await one.heard('ready')
    expect(await Promise.all(both.map((one) => one.finish()))).toEqual([0, 0])
    const applied = await Promise.all(both.map(async (one) => Number(await one.heard('applied'))))
    expect(applied.toSorted()).toEqual([0, (await readMigrations()).length])
  })

  test('tells what is wrong with the server\u2019s roles, with the mend, and changes nothing', async () => {
    const raising = {
      ...pear,
      sql: `create table pear (id int);
--> statement-breakpoint
do $$ begin raise exception 'no such role' using errcode = 'QU001', hint = 'create role reader;'; end $$`,
    }
    const failed = migrate({ connectionString: database.url }, await write([apple, raising]))
    await expect(failed).rejects.toBeInstanceOf(UserError)
    await expect(failed).rejects.toMatchObject({ mend: 'create role reader;' })
    expect(await rows("select 1 from pg_tables where tablename = 'pear'")).toEqual([])
  })

  test('does nothing the second time', async () => {
    const settings = { connectionString: database.url }
    expect(await migrate(settings, await write([apple]))).toEqual(['0000_apple'])
    expect(await migrate(settings, await write([apple]))).toEqual([])
  })

  test('applies what is missing by name, and leaves nothing of one that fails', async () => {
    const settings = { connectionString: database.url }
    await migrate(settings, await write([apple]))
    const broken = { ...pear, sql: 'create table pear (id int)\n--> statement-breakpoint\nnonsense' }
    await expect(migrate(settings, await write([apple, broken]))).rejects.toBeInstanceOf(Fault)
    expect(await rows("select to_regclass('pear') as pear")).toEqual([{ pear: null }])
    expect(await migrate(settings, await write([apple, pear]))).toEqual(['0001_pear'])
  })

  test('refuses a database that is newer than the code', async () => {
    const settings = { connectionString: database.url }
    await migrate(settings, await write([apple, pear]))
    await expect(migrate(settings, await write([apple]))).rejects.toThrow(/newer than this Quarry: it has 0001_pear/)
  })

  test('refuses a migration that was changed after it was applied', async () => {
    const settings = { connectionString: database.url }
    await migrate(settings, await write([apple]))
    const changed = await write([{ ...apple, sql: 'create table apple (id bigint)' }])
    await expect(migrate(settings, changed)).rejects.toBeInstanceOf(UserError)
  })

  test('refuses a journal in which branches crossed', async () => {
    const crossed = await write([pear, { ...apple, tag: '0001_apple' }])
    await expect(readMigrations(crossed)).rejects.toThrow(/0001_apple is older than the one before it/)
  })
})
