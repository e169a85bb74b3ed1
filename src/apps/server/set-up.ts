import { run } from 'probot'
import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import { aborted } from '../aborted.ts'
import type { ServeReport } from './serve.ts'

/**
 * Probot's own page that makes the App out of app.yml (https://probot.github.io/docs/development/#configuring-a-github-app) and writes
 * its credentials to `.env` in the folder of the start. It ends where it is told to stop.
 */
export async function runSetUp(config: Config, log: Log, report: ServeReport): Promise<void> {
  const { host, port } = config.listen
  const env = { ...config.environment, HOST: host, PORT: String(port), NO_SMEE_SETUP: 'true' as const }
  const server = await run(() => undefined, { env, log: log.child({ name: 'set-up' }) })
  report.ready(`http://${host}:${server.port}`, true)
  await aborted(report.signal)
  await server.stop()
}
