import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linkedPull } from '../../miners/linked-pull.ts'
import { openDoor } from '../../src/apps/github-app/door.ts'
import { readConfig } from '../../src/config.ts'
import type { Db } from '../../src/db/connect.ts'
import { makeLog } from '../../src/log.ts'
import { storeInstallation, storeRepository } from '../../src/pipeline/github/repositories.ts'
import type { GitHubIntake } from '../../src/pipeline/github/take-in-pulls.ts'
import { makeMirrors } from '../../src/pipeline/mirrors.ts'
import { makeSources } from '../../src/pipeline/sources.ts'
import { type AppPlace, appVariables } from '../end-to-end/github-sample.ts'
import type { Repository } from '../github/index.ts'

export type InstalledRepository = Pick<Repository, 'id' | 'fullName'> & {
  readonly installation: { readonly id: number; readonly account: { readonly login: string } } | null
}

export interface OpenIntake {
  readonly intake: GitHubIntake
  /** The same as another process would have it: nothing known of budgets, another signal. */
  again(signal?: AbortSignal): GitHubIntake
  /** The repository's row and its installation's. */
  store(repository: InstalledRepository): Promise<number>
  close(): Promise<void>
}

/** Intake as a worker does it, from a GitHub that is played; only no next job is added. */
export function openIntake(github: AppPlace, db: Db): OpenIntake {
  const home = mkdtempSync(join(tmpdir(), 'quarry-intake-'))
  const mirrors = makeMirrors(home, db)
  const again = (signal = new AbortController().signal): GitHubIntake => {
    const door = openDoor(readConfig({ ...appVariables(github), QUARRY_HOME: home }), makeLog('silent'))
    if (door === null) throw new Error('there is no way to GitHub')
    const sources = makeSources(door.access)
    return { db, mirrors, sources, github: door.access, miner: linkedPull, addNext: async () => undefined, signal }
  }
  const intake = again()
  return {
    intake,
    again,
    store: ({ id, fullName, installation }) =>
      db.transaction(async (tx) => {
        if (installation === null) throw new Error(`${fullName} is on no installation`)
        await storeInstallation(tx, intake.github, {
          id: installation.id,
          account: installation.account.login,
          permissions: {},
        })
        const found = { id, fullName, private: false, archived: false, defaultBranch: null }
        return (await storeRepository(tx, intake.github, installation.id, found)).id
      }),
    async close() {
      await mirrors.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
