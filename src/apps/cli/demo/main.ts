import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../../config.ts'
import { makeLog } from '../../../log.ts'
import { exitCodes } from '../exit-codes.ts'
import { listenForInterruption } from '../interruption.ts'
import { openServices } from '../open-services.ts'
import { createOutput } from '../output.ts'
import { createProgress } from '../progress.ts'
import { reportError } from '../report-error.ts'
import { freshFolder } from './fresh-folder.ts'
import { samplePulls } from './pulls.ts'
import { buildSampleRepository } from './repository.ts'
import { showAround } from './tour.ts'

/** `npm run demo`: the whole way from merged pulls to graded patches, in a data folder of its own. */
const interruption = listenForInterruption(process.stdout)
const output = createOutput({ stream: process.stdout, terminal: process.stdout.isTTY }, false)
const progress = createProgress(process.stderr)

try {
  const { home, repository } = await freshFolder(fileURLToPath(new URL('../../../../.quarry/demo', import.meta.url)))
  const own = { QUARRY_HOME: home, QUARRY_BLOBS: '', DATABASE_URL: '' }
  const config = readConfig({ ...process.env, ...own })
  const services = openServices({ config, log: makeLog(config.logLevel) })
  const sample = buildSampleRepository(repository, samplePulls)
  const tour = { sample, pulls: samplePulls, concurrency: availableParallelism(), home }
  process.exitCode =
    exitCodes[
      await showAround({ services, output, progress, signal: interruption.signal, expectStop: () => undefined }, tour)
    ]
} catch (error) {
  progress.end()
  const failure = reportError(error)
  for (const line of failure.lines) process.stderr.write(`${line}\n`)
  process.exitCode = interruption.exitCode() ?? failure.exitCode
}
