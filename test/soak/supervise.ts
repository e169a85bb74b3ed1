import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { quarry } from '../end-to-end/sample.ts'

/** How a process ended of its own accord. */
export interface OwnEnd {
  readonly name: string
  readonly exitCode: number | null
  /** The last that it wrote on standard error. */
  readonly said: readonly string[]
}

/** A command that is started again whenever it ends, as `restart: unless-stopped` does. */
export interface Supervised {
  readonly name: string
  /** Every process it was so far. */
  readonly pids: readonly number[]
  /** The ends that were not kills of ours. */
  readonly ownEnds: readonly OwnEnd[]
  /** What made jobs fail, by its log. */
  readonly failedJobs: readonly string[]
  /** SIGKILL; false where it is between two lives. */
  kill(): boolean
  /** SIGTERM, and for good; resolves with the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL, and for good. */
  end(): Promise<void>
}

const longestTale = 40
const restartMs = 200
const longestRestartMs = 2000

export function supervise(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Supervised {
  const pids: number[] = []
  const ownEnds: OwnEnd[] = []
  const failedJobs: string[] = []
  const over = new AbortController()
  let child: ChildProcess | null = null
  let killed = false

  const live = async () => {
    killed = false
    const said: string[] = []
    const started = spawn(quarry, [...args], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    child = started
    if (started.pid !== undefined) pids.push(started.pid)
    createInterface({ input: started.stderr }).on('line', (line) => {
      if (line.includes('"msg":"job failed"')) failedJobs.push(line)
      said.push(line)
      if (said.length > longestTale) said.shift()
    })
    await once(started, 'exit')
    if (!killed && !over.signal.aborted) ownEnds.push({ name, exitCode: started.exitCode, said })
  }
  const lives = (async () => {
    for (let wait = restartMs; !over.signal.aborted; ) {
      await live()
      wait = killed ? restartMs : Math.min(wait * 2, longestRestartMs)
      await delay(wait, undefined, { signal: over.signal }).catch(() => undefined)
    }
  })()
  const leave = async (signal: NodeJS.Signals) => {
    over.abort()
    child?.kill(signal)
    await lives
  }
  return {
    name,
    pids,
    ownEnds,
    failedJobs,
    kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return false
      killed = true
      return child.kill('SIGKILL')
    },
    async stop() {
      await leave('SIGTERM')
      return child?.exitCode ?? null
    },
    end: () => leave('SIGKILL'),
  }
}
