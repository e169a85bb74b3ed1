import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { createToken, scopeNames } from '../../../src/access/index.ts'
import { registerApi } from '../../../src/apps/api/api.ts'
import type { RateLimits } from '../../../src/apps/api/rate-limits.ts'
import { makeExportSources } from '../../../src/apps/exports/sources.ts'
import { makeWeb } from '../../../src/apps/server/web.ts'
import { openFolderBlobs } from '../../../src/blobs/folder.ts'
import type { Blobs } from '../../../src/blobs/types.ts'
import type { Database, Db } from '../../../src/db/connect.ts'
import { GRADE_CHANNEL } from '../../../src/db/grade-channel.ts'
import { listenOn } from '../../../src/db/listen.ts'
import { type Log, makeLog } from '../../../src/log.ts'
import { makeMirrors } from '../../../src/pipeline/mirrors.ts'
import { makeSnapshotArchives } from '../../../src/pipeline/snapshot-archives.ts'
import { makeSources } from '../../../src/pipeline/sources.ts'
import { addGradesWith, type Jobs, jobNames } from '../../../src/pipeline.ts'
import { createQueue } from '../../../src/queue/queue.ts'
import type { Queue } from '../../../src/queue/types.ts'
import { testDatabase } from '../../postgres.ts'

interface Asked {
  /** Left out: one with every scope; null: none. */
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** The API on a database of the test's own. */
export interface ApiScene {
  readonly db: Db
  readonly web: FastifyInstance
  /** What is registered: `GET /v1/tasks/:task`. */
  readonly routes: readonly string[]
  readonly blobs: Blobs
  readonly queue: Queue<Jobs>
  /** With every scope, for every owner. */
  readonly token: string
  get(url: string, asked?: Asked): Promise<LightMyRequestResponse>
  post(url: string, body: object, asked?: Asked): Promise<LightMyRequestResponse>
  close(): Promise<void>
}

interface SceneSettings {
  /** A database that is there, whose closing stays its owner's; one of the scene's own where none is given. */
  readonly database?: Database
  readonly log?: Log
  /** Requests a minute. */
  readonly rateLimits?: Partial<RateLimits>
}

export async function openApiScene(settings: SceneSettings = {}): Promise<ApiScene> {
  const database = settings.database ?? (await testDatabase())
  const { db } = database
  const folder = mkdtempSync(join(tmpdir(), 'quarry-test-'))
  const log = settings.log ?? makeLog('silent')
  const blobs = await openFolderBlobs(join(folder, 'blobs'))
  const web = makeWeb(log)
  const routes: string[] = []
  web.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push(`${each} ${url}`)
  })
  const mirrors = makeMirrors(folder, db)
  const sources = makeSources(null)
  const snapshots = makeSnapshotArchives({ home: folder, db, blobs, mirrors, sources, diskBudget: 1e12 })
  const queue = await createQueue<Jobs>(database, jobNames, { log, connections: 2 })
  const heardGrades = listenOn(database.settings, GRADE_CHANNEL, log)
  const rateLimits = { requests: 6000, frequent: 60_000, ...settings.rateLimits }
  const exports = makeExportSources({ db, blobs, mirrors, sources })
  await registerApi(web, {
    db,
    log,
    rateLimits,
    signalAttempts: 8,
    blobs,
    snapshots,
    exports,
    addGrades: addGradesWith(queue),
    heardGrades,
  })
  const token = await createToken(db, { name: 'all', scopes: scopeNames, owners: null, expiresAt: null })
  const headers = (asked: Asked) => ({
    ...(asked.token === null ? {} : { authorization: `Bearer ${asked.token ?? token}` }),
    ...asked.headers,
  })
  return {
    db,
    web,
    routes,
    blobs,
    queue,
    token,
    get: (url, asked = {}) => web.inject({ url, headers: headers(asked) }),
    post: (url, body, asked = {}) => web.inject({ method: 'POST', url, payload: body, headers: headers(asked) }),
    async close() {
      await web.close()
      await heardGrades.close()
      await queue.stop(0)
      await mirrors.close()
      if (settings.database === undefined) await database.close()
      rmSync(folder, { recursive: true })
    },
  }
}
