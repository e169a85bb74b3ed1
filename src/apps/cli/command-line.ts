import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { readConfig } from '../../config.ts'
import { makeLog } from '../../log.ts'
import { withEnvironmentFile } from '../environment-file.ts'
import { exitCodes } from './exit-codes.ts'
import { listenForInterruption } from './interruption.ts'
import { createOutput } from './output.ts'
import { createProgram } from './program.ts'
import { createProgress } from './progress.ts'
import { reportError } from './report-error.ts'
import type { Run } from './session.ts'

const interruption = listenForInterruption(process.stdout)

const run: Run = async (options, body) => {
  const config = readConfig(withEnvironmentFile(process.env))
  const output = createOutput({ stream: process.stdout, terminal: process.stdout.isTTY }, options.json ?? false)
  // Only now: the help needs none of it.
  const { openServices } = await import('./open-services.ts')
  const services = openServices({ config, log: makeLog(config.logLevel) })
  const progress = createProgress(process.stderr)
  const session = { services, output, progress, signal: interruption.signal, expectStop: interruption.expect }
  try {
    process.exitCode = exitCodes[await body(session)]
  } finally {
    progress.end()
  }
}

const manifest = z.object({ version: z.string() })
const { version } = manifest.parse(JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')))

try {
  await createProgram(run, version).parseAsync()
} catch (error) {
  // What an interruption breaks off is no fault of its own.
  const failure = interruption.exitCode() === null ? reportError(error) : { exitCode: 0, lines: [] }
  for (const line of failure.lines) process.stderr.write(`${line}\n`)
  process.exitCode = failure.exitCode
}
const interrupted = interruption.exitCode()
if (interrupted === exitCodes.interrupted) {
  process.stderr.write('interrupted: run the same command again to go on where it was\n')
}
if (interrupted !== null) process.exitCode = interrupted
// What was broken off may still be unpacking something: nobody waits for it.
if (interrupted !== null) process.exit()
