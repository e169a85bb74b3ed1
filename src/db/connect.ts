import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import { messageOf, UserError } from '../errors.ts'
import { codeOf, isConnectionError } from './away.ts'
import { openClient } from './client.ts'
import { migrate } from './migrate.ts'
import { SturdyPool } from './pool.ts'
import * as schema from './schema.ts'
import { joinServer, type Server } from './server.ts'

/** What queries take. */
export type Db = NodePgDatabase<typeof schema>
/** An open transaction; queries that must be part of one ask for this. */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]
/** Either. */
export type Executor = Db | Tx

export interface Database {
  readonly db: Db
  /** For those that need connections of their own (the queue, `LISTEN`). */
  readonly settings: pg.ClientConfig
  /** Closes the pool, and leaves Quarry's own server where it was used. Close the queue first. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** A server of the operator's; without it Quarry runs its own under `home`. */
  readonly databaseUrl?: string | undefined
  /** The data folder; made where it is missing. */
  readonly home: string
  /** Most connections of this process, the queue's not counted. */
  readonly connections?: number
}

/**
 * Opens the database and brings it up to date. Throws a `UserError` with the mend where the server can't be reached or the
 * database is newer than the code.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const server = options.databaseUrl === undefined ? await joinServer(options.home) : null
  try {
    const settings = server === null ? givenSettings(options.databaseUrl ?? '') : await ownSettings(server)
    await migrate(settings)
    const pool = openPool(settings, options.connections ?? 8)
    return {
      db: drizzle(pool, { schema }),
      settings,
      close: async () => {
        await pool.end()
        await server?.close()
      },
    }
  } catch (error) {
    await server?.close()
    if (server !== null || !isConnectionError(error)) throw error
    throw new UserError(`The database named by DATABASE_URL can't be reached: ${messageOf(error)}`, {
      mend: 'Start it or mend DATABASE_URL; without DATABASE_URL Quarry runs a Postgres of its own.',
      cause: error,
    })
  }
}

function openPool(settings: pg.ClientConfig, connections: number): pg.Pool {
  // What is asked together is sent together, and not one by one as each is answered.
  const pipelined = { ...settings, pipeline: true }
  return new SturdyPool({ ...pipelined, max: connections, application_name: 'quarry', idleTimeoutMillis: 60_000 })
}

function givenSettings(connectionString: string): pg.ClientConfig {
  return { connectionString, connectionTimeoutMillis: 15_000 }
}

const DATABASE = 'quarry'
const EXISTS_ALREADY = new Set(['42P04', '23505'])

/** Makes the database `quarry` where the server is new; several processes may try at once. */
async function ownSettings(server: Server): Promise<pg.ClientConfig> {
  const client = await openClient({ ...server.settings, database: 'postgres' })
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`create database ${DATABASE}`)
  } catch (error) {
    if (!EXISTS_ALREADY.has(codeOf(error))) throw error
  } finally {
    await client.end()
  }
  return { ...server.settings, database: DATABASE }
}
