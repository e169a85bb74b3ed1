import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openClient } from '../../src/db/client.ts'
import { migrate } from '../../src/db/migrate.ts'
import { emptyDatabase } from '../postgres.ts'

const dump = readFileSync(new URL('../../migrations/schema.sql', import.meta.url), 'utf8')

/** What the catalogue says of everything Quarry made, one line each; the order of columns left out. */
const CATALOGUE = `
  select line from (
    select concat_ws(' ', 'column', table_name, column_name, data_type, column_default, 'nullable', is_nullable) as line
      from information_schema.columns where table_schema = 'public'
    union all select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
    union all select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace
    union all select concat_ws(' ', 'sequence', sequence_name, data_type, increment)
      from information_schema.sequences where sequence_schema = 'public'
  ) as catalogue where line !~ 'quarry_migrations' order by line`

async function catalogueOf(make: (url: string) => Promise<void>): Promise<string[]> {
  const { url, drop } = await emptyDatabase()
  await make(url)
  const client = await openClient({ connectionString: url })
  const { rows } = await client.query<{ line: string }>(CATALOGUE)
  await client.end()
  await drop()
  return rows.map((row) => row.line)
}

test('migrations/schema.sql is schema.ts (npm run db:dump writes it)', () => {
  const exported = execFileSync('drizzle-kit', ['export'], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
  expect(dump.trim()).toBe(exported.trim())
})

test('a database made by the migrations is the one that schema.ts describes', async () => {
  const migrated = await catalogueOf(async (url) => {
    await migrate({ connectionString: url })
  })
  const described = await catalogueOf(async (url) => {
    const client = await openClient({ connectionString: url })
    await client.query(dump)
    await client.end()
  })
  expect(migrated.length).toBeGreaterThan(100)
  expect(migrated).toEqual(described)
})
