import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Fault, messageOf, UserError } from '../errors.ts'
import { openClient } from './client.ts'
import { type Launched, launch, logTail, type ServerPlace } from './launch.ts'
import { startOf } from './process-identity.ts'
import { announcedFolder, postmasterPid, socketFolder } from './socket-folder.ts'

/** The advisory lock that each user of the server holds shared: who gets it exclusively is alone, and may stop it. */
const PRESENCE = 7_101_001
const LONGEST_START_MS = 60_000
const LONGEST_STOP_MS = 20_000

/** A seat at Quarry's own Postgres. The seat is a connection, so the kernel takes it from a process that is killed. */
export interface Server {
  /** For node-postgres; the caller adds the database's name. */
  readonly settings: pg.ClientConfig
  /** Leaves; the last to leave stops the server and waits until it is gone. Close every other connection first. */
  close(): Promise<void>
}

/**
 * Takes part in the server under `<home>/postgres`, and starts it where it does not run: any number of processes at once.
 * Throws a `UserError` (with the mend) for what the user can put right, a `Fault` where the server fails.
 */
export async function joinServer(home: string, options: { durable?: boolean } = {}): Promise<Server> {
  const root = await makeRoot(home)
  const place: ServerPlace = { root, sockets: await socketFolder(root), durable: options.durable ?? true }
  let seat = await takeSeat(place)
  let closing = false
  let reseated = Promise.resolve()
  const keepSeat = () => {
    seat.client.once('end', () => {
      if (closing) return
      // The server went down under us. Where it can't be had again, every query says so: nothing to add here.
      reseated = takeSeat(place).then(
        (next) => {
          seat = next
          keepSeat()
        },
        () => undefined,
      )
    })
  }
  keepSeat()
  return {
    settings: seat.settings,
    close: async () => {
      closing = true
      await reseated
      await leave(seat.client, join(root, 'data'))
    },
  }
}

async function makeRoot(home: string): Promise<string> {
  const root = join(home, 'postgres')
  try {
    await mkdir(root, { recursive: true, mode: 0o700 })
    return await realpath(root)
  } catch (cause) {
    throw unusableDataFolder(home, cause)
  }
}

export function unusableDataFolder(home: string, cause: unknown): UserError {
  return new UserError(`The data folder ${home} can't be used: ${messageOf(cause)}`, {
    mend: 'Set QUARRY_HOME to a folder of yours.',
    cause,
  })
}

interface Seat {
  readonly client: pg.Client
  readonly settings: pg.ClientConfig
}

async function takeSeat(place: ServerPlace): Promise<Seat> {
  const deadline = Date.now() + LONGEST_START_MS
  let launched: Launched | null = null
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 1.5, 100)) {
    const seat = await trySeat(place)
    if (seat !== null) return seat
    if (Date.now() > deadline) throw await startFailed(place.root)
    if (launched?.outcome() === 'ended') throw await startFailed(place.root)
    if (launched === null || launched.outcome() === 'taken') launched = await launch(place)
    await delay(waitMs)
  }
}

async function startFailed(root: string): Promise<Fault> {
  return new Fault('database', `Quarry's own Postgres did not start. It said:\n${await logTail(root)}`, {
    mend: `Free disk space or memory, see ${join(root, 'log')}, or name a server of your own in DATABASE_URL.`,
  })
}

async function trySeat(place: ServerPlace): Promise<Seat | null> {
  const folders = new Set([place.sockets, (await announcedFolder(join(place.root, 'data'))) ?? place.sockets])
  for (const host of folders) {
    const settings = { host, port: 5432, user: 'quarry', password: '', ssl: false }
    const client = await tryConnect({ ...settings, database: 'postgres', application_name: 'quarry presence' })
    if (client !== null) return { client, settings }
  }
  return null
}

/** Connected and counted in, or null where nobody answers (yet, or any more). */
async function tryConnect(settings: pg.ClientConfig): Promise<pg.Client | null> {
  let client: pg.Client | null = null
  try {
    client = await openClient(settings)
    await client.query('select pg_advisory_lock_shared($1)', [PRESENCE])
    return client
  } catch (error) {
    await client?.end()
    if (isNotServing(error)) return null
    throw new Fault('database', `Quarry's own Postgres turned us away: ${messageOf(error)}`, { cause: error })
  }
}

const NOT_SERVING = new Set([
  ...['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'],
  // Starting or stopping; stopped under us; all places taken; crashed.
  ...['57P03', '57P01', '53300', '57P02'],
])

function isNotServing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  // node-postgres gives no code where the server closes the connection before it answers.
  return code === null || NOT_SERVING.has(code)
}

async function leave(client: pg.Client, data: string): Promise<void> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [PRESENCE])
    const { rows } = await client.query('select pg_try_advisory_lock($1) as alone', [PRESENCE])
    if (rows[0]?.alone === true) await stop(await postmasterPid(data))
  } catch (error) {
    // The server is gone already, by another hand or by a crash: that is what leaving is for.
    if (!isNotServing(error)) throw error
  } finally {
    await client.end()
  }
}

/** A fast shutdown: open connections are cut, what was committed is kept. */
async function stop(pid: number | null): Promise<void> {
  const start = pid === null ? null : startOf(pid)
  if (pid === null || start === null) return
  process.kill(pid, 'SIGINT')
  const deadline = Date.now() + LONGEST_STOP_MS
  while (startOf(pid) === start) {
    if (Date.now() > deadline) throw new Fault('database', `Quarry's own Postgres (process ${pid}) does not stop`)
    await delay(5)
  }
}
