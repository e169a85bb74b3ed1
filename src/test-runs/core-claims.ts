import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../errors.ts'
import type { Log } from '../log.ts'
import { isCode } from '../sandboxes/processes.ts'

/**
 * The machine's cores, shared out among all its Quarry processes. A core is claimed by listening at an abstract unix socket of
 * its name (unix(7)): the kernel lets one process do so, and frees the name when that process ends, however it does. Who
 * waits connects to the socket, and hears by the connection's end that the core is free. One process at a time chooses cores,
 * and the others wait at its door: so two that want several each never hold half of them and wait for the other half.
 */
export interface CoreClaims {
  /**
   * Waits for `wanted()` of `cores`, those at the front first; it is asked again after each wait, so that there can be more in
   * the end. Throws Fault where the kernel refuses such sockets.
   */
  claim(cores: readonly number[], wanted: () => number): Promise<CoreClaim>
}

export interface CoreClaim {
  readonly cores: readonly number[]
  release(): Promise<void>
}

export interface CoreClaimsOptions {
  readonly log: Log
  /** Sets those apart that share no cores: tests. */
  readonly name?: string
  /** How long one process may hold a core or the door: longer than any install or run takes, so who does was halted. */
  readonly patienceMs?: number
}

/** What a wait takes before the log tells of it. */
const SILENT_MS = 10_000
/** For who waits at the door to come in before who leaves it asks again. */
const TURN_MS = 50

export function machineCores({ log, name = 'quarry', patienceMs = 3_600_000 }: CoreClaimsOptions): CoreClaims {
  const door = `${name}-door`
  const coreName = (core: number) => `${name}-core-${core}`
  const patience = { log, patienceMs }
  let othersTurn: Promise<unknown> = Promise.resolve()

  /** Null where who has the door was waited for too long. */
  const enter = async () => {
    await othersTurn
    for (;;) {
      const held = await hold(door)
      if (held !== null || !(await oneEnds([door], patience))) return held
    }
  }
  const leave = async (held: Held | null) => {
    if (held?.isAwaited()) othersTurn = sleep(TURN_MS)
    await held?.release()
  }

  return {
    async claim(cores, wanted) {
      const entered = await enter()
      const taken: TakenCore[] = []
      try {
        let isPatient = true
        for (;;) {
          for (const core of left(cores, taken)) {
            if (taken.length >= wanted()) break
            const held = await hold(coreName(core))
            if (held !== null || !isPatient) taken.push({ core, held })
          }
          if (taken.length >= wanted()) return claimOf(taken)
          isPatient = await oneEnds(left(cores, taken).map(coreName), patience)
        }
      } catch (error) {
        await claimOf(taken).release()
        throw error
      } finally {
        await leave(entered)
      }
    },
  }
}

interface TakenCore {
  readonly core: number
  /** Null: taken beside a process that does not let it go. */
  readonly held: Held | null
}

function left(cores: readonly number[], taken: readonly TakenCore[]): number[] {
  return cores.filter((core) => !taken.some((other) => other.core === core))
}

function claimOf(taken: readonly TakenCore[]): CoreClaim {
  return {
    cores: taken.map(({ core }) => core).sort((a, b) => a - b),
    release: async () => void (await Promise.all(taken.map(({ held }) => held?.release()))),
  }
}

interface Held {
  isAwaited(): boolean
  release(): Promise<void>
}

/** Null where another has it. */
async function hold(name: string): Promise<Held | null> {
  const waiting = new Set<Socket>()
  const server = createServer((socket) => {
    waiting.add(socket)
    socket.once('close', () => waiting.delete(socket))
    // Of who waits nothing is wanted, not even why it goes.
    socket.on('error', () => socket.destroy())
    socket.resume().write(String(process.pid))
  })
  try {
    server.listen(pathOf(name))
    await once(server, 'listening')
  } catch (cause) {
    if (isCode(cause, 'EADDRINUSE')) return null
    throw new Fault('cores', 'The cores can not be shared out: no abstract unix socket can be opened.', { cause })
  }
  server.unref()
  return {
    isAwaited: () => waiting.size > 0,
    async release() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of waiting) socket.destroy()
      await closed
    },
  }
}

/** Waits until one of the names is free; false where one could not be waited for any longer. */
async function oneEnds(
  names: readonly string[],
  { log, patienceMs }: { log: Log; patienceMs: number },
): Promise<boolean> {
  const sockets = names.map((name) => connect(pathOf(name)).setEncoding('utf8'))
  const holders = new Set<number>()
  for (const socket of sockets) socket.on('data', (pid) => holders.add(Number(pid)))
  const silence = setTimeout(() => {
    const processes = [...holders].filter((pid) => pid !== process.pid)
    if (processes.length > 0) log.info({ processes }, 'waits for cores that other processes have')
  }, SILENT_MS)
  const patience = AbortSignal.timeout(patienceMs)
  try {
    await Promise.race(sockets.map((socket) => ended(socket, patience)))
    if (patience.aborted) log.warn({ seconds: patienceMs / 1000 }, 'waited too long for cores: shares them')
    return !patience.aborted
  } finally {
    clearTimeout(silence)
    for (const socket of sockets) socket.destroy()
  }
}

async function ended(socket: Socket, patience: AbortSignal): Promise<void> {
  try {
    await once(socket, 'close', { signal: patience })
  } catch (cause) {
    // Gone before it was reached, or while it was.
    if (patience.aborted || isCode(cause, 'ECONNREFUSED', 'ECONNRESET')) return
    throw new Fault('cores', 'The cores can not be shared out: an abstract unix socket can not be reached.', { cause })
  }
}

const pathOf = (name: string) => `\0${name}`
