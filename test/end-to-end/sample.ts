import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { samplePulls } from '../../src/apps/cli/demo/pulls.ts'
import { buildSampleRepository, type SampleRepository } from '../../src/apps/cli/demo/repository.ts'
import { homeWithDownloads } from '../downloads.ts'

export const quarry = new URL('../../bin/quarry', import.meta.url).pathname

export interface Sample extends SampleRepository {
  readonly home: string
  remove(): Promise<void>
}

/** The demo's sample repository and a data folder, in a temporary folder. */
export async function makeSample(): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-sample-'))
  const sample = buildSampleRepository(folder, samplePulls)
  const home = homeWithDownloads(join(folder, 'home'))
  return { ...sample, home, remove: () => rm(folder, { recursive: true, force: true }) }
}

export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** As few runs of a candidate as there can be, for tests that are not about the runs: most of their time would go there. */
export const fewestRuns = { QUARRY_RUNS: '1', QUARRY_REPEATS: '1' }
/** As many as there are of themselves, for tests that want to see what is flaky (pull 31 of the sample) told so. */
export const usualRuns = { QUARRY_RUNS: '3', QUARRY_REPEATS: '5' }

/** Runs the command line as a user does, with the fewest runs; nothing of this process's environment but PATH and HOME. */
export function runQuarry(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  input?: string,
): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env
  return new Promise((resolve, reject) => {
    const child = execFile(
      quarry,
      [...args],
      { env: { PATH, HOME, ...fewestRuns, ...variables }, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error)
        else resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr })
      },
    )
    child.stdin?.end(input ?? '')
  })
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}
