import { mkdir, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { dirname } from 'node:path'
import { execa } from 'execa'
import type { Config } from '../../config.ts'
import { openDatabase } from '../../db/connect.ts'
import { messageOf, UserError } from '../../errors.ts'
import type { Finding } from '../../sandboxes/types.ts'

const gibibyte = 2 ** 30
/** One large environment and the mirror that it comes from. */
const leastDiskGiB = 5
const leastMemoryGiB = 2

/** What this machine has and lacks, in the order in which a newcomer has to mend it. */
export async function diagnose(
  config: Config,
  inspectSandbox: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const [git, found, disk, database] = await Promise.all([
    inspectGit(),
    inspectSandbox(),
    inspectDisk(config),
    inspectDatabase(config),
  ])
  return [
    { name: 'node', ok: true, found: process.version, mend: null },
    git,
    ...found,
    inspectMemory(),
    disk,
    database,
  ]
}

/** 2.34 brought what laying trees out needs, and is older than Debian 12 and Ubuntu 22.04. */
async function inspectGit(): Promise<Finding> {
  const { stdout, failed } = await execa('git', ['version'], { reject: false, timeout: 10_000 })
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(failed ? '' : stdout) ?? []
  const ok = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 34)
  const mend = 'install git 2.34 or later: apt-get install git'
  return { name: 'git', ok, found: failed ? 'not there' : stdout, mend: ok ? null : mend }
}

function inspectMemory(): Finding {
  const gibibytes = totalmem() / gibibyte
  const ok = gibibytes >= leastMemoryGiB
  const mend = `give the machine ${leastMemoryGiB} GiB or more`
  return { name: 'memory', ok, found: `${gibibytes.toFixed(1)} GiB`, mend: ok ? null : mend }
}

async function inspectDisk(config: Config): Promise<Finding> {
  const name = `disk at ${config.home}`
  try {
    await mkdir(config.home, { recursive: true })
    const { bavail, bsize } = await statfs(config.home)
    const gibibytes = (bavail * bsize) / gibibyte
    const ok = gibibytes >= leastDiskGiB
    const mend = `free ${leastDiskGiB} GiB there, or set QUARRY_HOME to a folder on a larger disk`
    return { name, ok, found: `${gibibytes.toFixed(1)} GiB free`, mend: ok ? null : mend }
  } catch (error) {
    const mend = `make ${dirname(config.home)} writable, or set QUARRY_HOME to a folder that is`
    return { name, ok: false, found: messageOf(error), mend }
  }
}

async function inspectDatabase(config: Config): Promise<Finding> {
  const name = config.databaseUrl === null ? "database (Quarry's own)" : 'database (DATABASE_URL)'
  try {
    const database = await openDatabase({ databaseUrl: config.databaseUrl ?? undefined, home: config.home })
    const { rows } = await database.db.execute<{ server_version: string }>('show server_version')
    await database.close()
    return { name, ok: true, found: `Postgres ${rows[0]?.server_version ?? ''}`, mend: null }
  } catch (error) {
    const mend = error instanceof UserError ? error.mend : null
    return { name, ok: false, found: messageOf(error), mend: mend ?? 'see the cause, then run quarry doctor again' }
  }
}
