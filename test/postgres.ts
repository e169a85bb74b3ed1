import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { openClient } from '../src/db/client.ts'
import { type Database, openDatabase } from '../src/db/connect.ts'
import { migrate } from '../src/db/migrate.ts'
import { readMigrations } from '../src/db/migrations.ts'
import { startOf, thisProcess } from '../src/db/process-identity.ts'
import { joinServer, type Server } from '../src/db/server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the server's socket, and the database that each test's is copied from. */
    postgres: { readonly host: string; readonly template: string }
  }
}

/** vitest's global set-up: one throw-away Postgres for all runs in this checkout, its data kept between them for speed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const checkout = createHash('sha256')
    .update(import.meta.dirname)
    .digest('hex')
    .slice(0, 8)
  const home = join(tmpdir(), `quarry-tests-${process.getuid?.() ?? 0}-${checkout}`)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const server = await joinServer(home, { durable: false })
  const template = await makeTemplate(server)
  project.provide('postgres', { host: server.settings.host ?? '', template })
  return () => server.close()
}

/** A database of the test's own, brought up to date, empty but for Quarry's own rows. `close` drops it. */
export async function testDatabase(): Promise<Database & { readonly url: string }> {
  // Copied by the file: a tenth of the work of Postgres's default, which writes each page to its log.
  const { url, drop } = await makeDatabase(`template ${inject('postgres').template} strategy file_copy`)
  const database = await openDatabase({ databaseUrl: url, home: '/nonexistent', connections: 6 })
  return {
    ...database,
    url,
    close: async () => {
      await database.close()
      await drop()
    },
  }
}

/** A database without a single table, for what tests migrations. */
export function emptyDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  return makeDatabase('')
}

let made = 0

async function makeDatabase(clause: string) {
  const { host } = inject('postgres')
  const { pid, processStart } = thisProcess()
  made += 1
  const name = `test_${pid}_${processStart}_${made}`
  await administrate(host, `create database ${name} ${clause}`)
  return {
    url: `postgres://quarry@localhost/${name}?host=${encodeURIComponent(host)}`,
    drop: () => administrate(host, `drop database ${name} with (force)`),
  }
}

async function administrate(host: string, statement: string): Promise<void> {
  const client = await openClient({ host, port: 5432, user: 'quarry', database: 'postgres' })
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Named by the migrations it was made with. Also drops what killed runs left behind. */
async function makeTemplate(server: Server): Promise<string> {
  const hashes = (await readMigrations()).map((migration) => migration.hash)
  const name = `template_${createHash('sha256').update(hashes.join()).digest('hex').slice(0, 12)}`
  const client = await openClient({ ...server.settings, database: 'postgres' })
  try {
    await client.query('select pg_advisory_lock(7101999)')
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database')
    const names = rows.map((row) => row.datname)
    for (const left of names.filter(isLeftOver)) await client.query(`drop database if exists ${left} with (force)`)
    if (!names.includes(name)) {
      await client.query(`create database ${name}_new`)
      await migrate({ ...server.settings, database: `${name}_new` })
      await client.query(`alter database ${name}_new rename to ${name}`)
    }
  } finally {
    await client.end()
  }
  return name
}

/** A test's database whose process is dead, or a template that was not finished (the lock says nobody is at it). */
function isLeftOver(name: string): boolean {
  const [, pid, start] = /^test_(\d+)_(\d+)_\d+$/.exec(name) ?? []
  return name.endsWith('_new') || (pid !== undefined && startOf(Number(pid)) !== start)
}
