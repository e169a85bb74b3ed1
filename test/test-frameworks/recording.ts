import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a real run of a framework left, byte by byte, with what is needed to read it. */
export interface Recording {
  /** Name → content of the folder of the report. */
  readonly files: ReadonlyMap<string, Buffer>
  /** The secret that the run's lines are signed with: of no use to anybody else. */
  readonly nonce: string
  readonly directory: string
  readonly exitCode: number | null
  /** Which tools it was made with. */
  readonly evidence: readonly string[]
}

const about = 'run.json'

export const recordings = join(import.meta.dirname, 'recorded')

export function recordingFolder({ framework, name }: { readonly framework: string; readonly name: string }): string {
  return join(recordings, framework, name)
}

export async function writeRecording(folder: string, { files, ...run }: Recording): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [name, content] of files) await writeFile(join(folder, name), content)
  await writeFile(join(folder, about), `${JSON.stringify(run, null, 2)}\n`)
}

/** Throws where there is none. */
export function readRecording(folder: string): Recording {
  const run: Omit<Recording, 'files'> = JSON.parse(readFileSync(join(folder, about), 'utf8'))
  const names = readdirSync(folder).filter((name) => name !== about)
  return { ...run, files: new Map(names.map((name) => [name, readFileSync(join(folder, name))])) }
}
