import pg from 'pg'
import { Fault, messageOf, UserError } from '../errors.ts'
import { openClient } from './client.ts'
import { type Migration, readMigrations } from './migrations.ts'

/** Serialises migrations between processes; held by the session, so that it falls with the connection. */
const LOCK = 7_101_002

/**
 * Brings the database up to date, each migration in a transaction of its own, and gives the names of those applied.
 * Everything happens on one connection: a lock taken on another one of a pool would guard nothing. Where nothing is to be done,
 * it only reads. Throws a `UserError` where the database is newer than this code.
 */
export async function migrate(settings: pg.ClientConfig, from?: URL): Promise<string[]> {
  const migrations = await readMigrations(from)
  const client = await openClient({ ...settings, application_name: 'quarry migrate' })
  try {
    if (missing(migrations, await appliedTo(client)).length === 0) return []
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await client.query(
      'create table if not exists quarry_migrations (name text primary key, hash text not null, applied_at timestamptz not null default now())',
    )
    const due = missing(migrations, await appliedTo(client))
    for (const migration of due) await apply(client, migration)
    return due.map((migration) => migration.name)
  } finally {
    await client.end()
  }
}

type Applied = ReadonlyMap<string, string>

async function appliedTo(client: pg.Client): Promise<Applied> {
  const { rows: tables } = await client.query("select to_regclass('quarry_migrations') is not null as present")
  if (tables[0]?.present !== true) return new Map()
  const { rows } = await client.query<{ name: string; hash: string }>('select name, hash from quarry_migrations')
  return new Map(rows.map((row) => [row.name, row.hash]))
}

/** What is still to be applied, in order: by name, so that one that landed late is not skipped. */
function missing(migrations: readonly Migration[], applied: Applied): Migration[] {
  const known = new Set(migrations.map((migration) => migration.name))
  const unknown = [...applied.keys()].filter((name) => !known.has(name))
  if (unknown.length > 0) {
    throw new UserError(`The database is newer than this Quarry: it has ${unknown.join(', ')}`, {
      mend: 'Update Quarry.',
    })
  }
  const changed = migrations.find(
    (migration) => applied.has(migration.name) && applied.get(migration.name) !== migration.hash,
  )
  if (changed !== undefined) {
    throw new UserError(`Migration ${changed.name} was changed after this database was made with it`, {
      mend: 'Use the Quarry that made the database, or start with an empty database (another QUARRY_HOME or DATABASE_URL).',
    })
  }
  return migrations.filter((migration) => !applied.has(migration.name))
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin')
  try {
    for (const statement of migration.statements) await client.query(statement)
    await client.query('insert into quarry_migrations (name, hash) values ($1, $2)', [migration.name, migration.hash])
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback')
    const mend = mendOf(cause)
    if (mend !== null)
      throw new UserError(`Migration ${migration.name} needs more of the server: ${messageOf(cause)}`, { mend, cause })
    throw new Fault('database', `Migration ${migration.name} failed: ${messageOf(cause)}`, {
      mend: 'The database is as it was before it. The role in DATABASE_URL must own the tables.',
      cause,
    })
  }
}

/** What a migration itself found wrong with the server's roles, and told how to mend. */
const WRONG_ROLES = 'QU001'

function mendOf(cause: unknown): string | null {
  const isTold = cause instanceof pg.DatabaseError && cause.code === WRONG_ROLES
  return isTold ? (cause.hint ?? null) : null
}
