import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findBinaries } from '../src/db/binaries.ts'
import { openClient } from '../src/db/client.ts'
import { serverAccount } from '../src/db/server-account.ts'

/** A Postgres of the test's own on a port of 127.0.0.1: it is stopped and started again under those who use it. */
export interface StoppablePostgres {
  readonly url: string
  /** Resolves once it answers. */
  start(): Promise<void>
  /** `fast` tells each connection why it is closed; `immediate` ends as by a crash, and is recovered at the next start. */
  stop(mode: 'fast' | 'immediate'): Promise<void>
  /** Stops it, and removes its data. */
  remove(): Promise<void>
}

const signals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/** Makes one with an empty database, and starts it. */
export async function startPostgres(): Promise<StoppablePostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-postgres-'))
  const data = join(folder, 'data')
  const { postgres, initdb } = await findBinaries()
  const [program = '', ...account] = [...(await serverAccount([folder], postgres)), 'env']
  execFileSync(program, [...account, initdb, '-D', data, '-U', 'quarry', '-A', 'trust', '-E', 'UTF8', '--no-sync'])
  const port = await freePort()
  // No crash of the whole machine is played: what was committed is in the system's hands, and need not be on the disk.
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let server: ChildProcess | null = null

  const stop = async (signal: NodeJS.Signals) => {
    if (server === null || server.exitCode !== null) return
    const exited = once(server, 'exit')
    server.kill(signal)
    await exited
  }
  const start = async () => {
    server = spawn(program, [...account, postgres, '-D', data, ...options], { stdio: 'ignore' })
    while (!(await answers(port))) {
      if (server.exitCode !== null) throw new Error(`Postgres did not start: it ended with ${server.exitCode}`)
      await delay(50)
    }
  }
  await start()
  return {
    url: `postgres://quarry@127.0.0.1:${port}/postgres`,
    start,
    stop: (mode) => stop(signals[mode]),
    async remove() {
      await stop('SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const settings = { host: '127.0.0.1', port, user: 'quarry', database: 'postgres' }
  try {
    await (await openClient(settings)).end()
    return true
  } catch {
    // It starts, or puts right what a crash left.
    return false
  }
}

/** One that nobody listens on; it is the caller's as long as nobody else asks the system for this very one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
