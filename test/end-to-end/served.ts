import { once } from 'node:events'
import { createServer } from 'node:net'
import { startProgram } from '../program.ts'
import { fewestRuns, makeSample, quarry, runQuarry, type Sample } from './sample.ts'

/** The sample repository, mined, and served as a training pipeline meets it: on a database of its own, with a worker inside. */
export interface Served {
  readonly sample: Sample
  readonly url: string
  /** With every scope, for every owner. */
  readonly token: string
  /** The command line on the same data folder. */
  quarry(args: readonly string[], input?: string): ReturnType<typeof runQuarry>
  close(): Promise<void>
}

const scopes = 'tasks:read,tests:read,solutions:read,grades:write,leases:write,outcomes:write,operate'

/** `pulls`: the numbers of those that are mined; `settings`: variables of the server alone. Throws where one of the commands fails. */
export async function serveSample(
  pulls: readonly number[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const sample = await makeSample()
  try {
    const variables = { QUARRY_HOME: sample.home }
    const run = (args: readonly string[], input?: string) => runQuarry(args, variables, input)
    const only = ['--pulls', sample.pullsFile, '--only', pulls.join(',')]
    await succeeded(run(['mine', sample.path, ...only, '--json']))
    const token = await succeeded(run(['token', 'create', '--name', 'test', '--scopes', scopes]))
    const { PATH = '', HOME = '' } = process.env
    const port = String(await freePort())
    const server = startProgram([quarry, 'serve', '--json'], {
      env: { PATH, HOME, ...fewestRuns, PORT: port, ...settings, ...variables },
    })
    await server.heard('{"listening":')
    return {
      sample,
      url: `http://localhost:${port}`,
      token: /quarry_[\w-]+/.exec(token)?.[0] ?? '',
      quarry: run,
      async close() {
        process.kill(server.pid, 'SIGTERM')
        await server.finish()
        await sample.remove()
      },
    }
  } catch (error) {
    await sample.remove()
    throw error
  }
}

async function succeeded(running: ReturnType<typeof runQuarry>): Promise<string> {
  const { exitCode, stdout, stderr } = await running
  if (exitCode !== 0) throw new Error(`ended with ${exitCode}: ${stderr}`)
  return stdout
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
