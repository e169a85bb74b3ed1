import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { Agent, request } from 'undici'
import { freePort } from '../test/stoppable-postgres.ts'

export interface Served {
  readonly base: string
  readonly agent: Agent
}

/** Against `quarry serve` in a process of its own, on the same cores as its callers; so many of these may ask at once. */
export async function whileServed<T>(home: string, callers: number, ask: (served: Served) => Promise<T>): Promise<T> {
  const port = await freePort()
  const quarry = fileURLToPath(new URL('../bin/quarry', import.meta.url))
  const env = { QUARRY_HOME: home, HOST: '127.0.0.1', PORT: String(port) }
  const server = execa(quarry, ['serve', '--no-worker'], { env, reject: false, stdout: 'ignore', stderr: 'inherit' })
  const agent = new Agent({ connections: callers })
  const base = `http://127.0.0.1:${port}`
  try {
    while (!(await isUp(base))) {
      if (server.exitCode !== null || server.signalCode !== null) throw new Error('the server ended before it answered')
      await delay(200)
    }
    return await ask({ base, agent })
  } finally {
    await agent.close()
    server.kill('SIGTERM')
    await server
  }
}

async function isUp(base: string): Promise<boolean> {
  const answer = await request(`${base}/healthz`).catch(() => null)
  await answer?.body.dump()
  return answer?.statusCode === 200
}
