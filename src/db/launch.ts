import { spawn } from 'node:child_process'
import { open, readFile, stat, truncate } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { Fault, UserError } from '../errors.ts'
import { findBinaries } from './binaries.ts'
import { serverAccount } from './server-account.ts'

/** `flock`'s answer where another server has the folder open. */
const TAKEN = 75
const LONGEST_LOG = 1024 * 1024

/**
 * Runs while the folder's lock is held, and hands that lock to the server, whose death lets go of it, however it dies.
 * So nothing else can be alive here: half an initdb, a pid file and a socket that are found are leftovers of a kill.
 */
const SCRIPT = `set -e
data=$1 sockets=$2 initdb=$3
shift 3
if [ ! -f "$data/PG_VERSION" ]; then
  rm -rf "$data.new"
  "$initdb" -D "$data.new" -U quarry -A trust -E UTF8 --locale=C.UTF-8 --no-instructions $INITDB_SYNC
  mv "$data.new" "$data"
fi
rm -f "$data/postmaster.pid" "$sockets"/.s.PGSQL.5432*
exec "$@"
`

export interface ServerPlace {
  /** Holds `data`, `lock` and `log`. */
  readonly root: string
  readonly sockets: string
  /** False gives up safety on power loss for speed: tests only. */
  readonly durable: boolean
}

/** How a start went on, once known: `taken` means another process has the folder, which may be one that is going down. */
export interface Launched {
  readonly outcome: () => 'running' | 'taken' | 'ended'
}

/** Starts a server that outlives this process; resolves before it answers. Throws where it can't be started at all. */
export async function launch(place: ServerPlace): Promise<Launched> {
  const binaries = await findBinaries()
  await requireMajor(place.root, binaries.major)
  const account = await serverAccount([place.root, place.sockets], binaries.postgres)
  const data = join(place.root, 'data')
  const argv = [
    ...account,
    ...[
      'flock',
      '--exclusive',
      '--nonblock',
      '--conflict-exit-code',
      String(TAKEN),
      '--no-fork',
      join(place.root, 'lock'),
    ],
    ...['sh', '-c', SCRIPT, 'quarry-postgres', data, place.sockets, binaries.initdb],
    ...[binaries.postgres, '-D', data, ...settings(place)],
  ]
  return spawnDetached(argv, place)
}

async function spawnDetached(argv: readonly string[], place: ServerPlace): Promise<Launched> {
  const log = await openLog(place.root)
  let outcome: ReturnType<Launched['outcome']> = 'running'
  try {
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      cwd: '/',
      // A session of its own: Ctrl-C in the terminal that started it must not stop the others' server.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      // Nothing of the caller's: tokens do not belong here, and PG* variables would change what starts.
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C.UTF-8',
        INITDB_SYNC: place.durable ? '' : '--no-sync',
      },
    })
    child.on('exit', (code) => (outcome = code === TAKEN ? 'taken' : 'ended'))
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    child.unref()
    return { outcome: () => outcome }
  } catch (cause) {
    throw new UserError(`${argv[0]} can't be started`, { mend: 'Install the package util-linux.', cause })
  } finally {
    await log.close()
  }
}

/** What the server said last, for the message of a start that failed. */
export async function logTail(root: string): Promise<string> {
  const text = await readFile(join(root, 'log'), 'utf8')
  return text.trimEnd().split('\n').slice(-8).join('\n')
}

async function openLog(root: string) {
  const path = join(root, 'log')
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size > LONGEST_LOG) await truncate(path)
  return open(path, 'a', 0o600).catch((cause: unknown) => {
    throw new Fault('database', `${path} can't be written`, { cause })
  })
}

async function requireMajor(root: string, major: string): Promise<void> {
  const made = await readFile(join(root, 'data', 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
  if (made === null || made === major) return
  throw new UserError(`${root} was made by Postgres ${made}; this Quarry brings Postgres ${major}`, {
    mend: `Move the rows over with a Quarry that brings Postgres ${made} (pg_dump, then psql), or move ${root} aside to start anew.`,
  })
}

/** A sixteenth of the machine's memory, in MiB: 256 at least, and no more than a million tasks' listings fill. */
function sharedMiB(bytes: number): number {
  return Math.min(Math.max(Math.floor(bytes / 2 ** 20 / 16), 256), 1024)
}

/** For a small machine with a handful of processes. fsync stays on: a task published is a task kept. */
function settings(place: ServerPlace): string[] {
  const values: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: place.sockets,
    unix_socket_permissions: '0700',
    max_connections: '100',
    // Taken as it is needed: what queries walk through (listings and their indexes) is to stay in it.
    shared_buffers: `${sharedMiB(totalmem())}MB`,
    max_wal_size: '512MB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    io_method: 'sync',
    jit: 'off',
    // Disks without heads, and mostly memory: an index that leads to scattered rows is no worse than one that leads to neighbours.
    random_page_cost: '1.1',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    // A killed command's query ends by itself, and frees what it locked.
    client_connection_check_interval: '1s',
    ...(place.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
