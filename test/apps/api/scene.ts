import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { createToken, scopeNames } from '../../../src/access/index.ts'
import { registerApi } from '../../../src/apps/api/api.ts'
import { makeWeb } from '../../../src/apps/server/web.ts'
import { openFolderBlobs } from '../../../src/blobs/folder.ts'
import type { Db } from '../../../src/db/connect.ts'
import { makeLog } from '../../../src/log.ts'
import { makeMirrors } from '../../../src/pipeline/mirrors.ts'
import { makeSnapshotArchives } from '../../../src/pipeline/snapshot-archives.ts'
import { makeSources } from '../../../src/pipeline/sources.ts'
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
  /** With every scope, for every owner. */
  readonly token: string
  get(url: string, asked?: Asked): Promise<LightMyRequestResponse>
  post(url: string, body: object, asked?: Asked): Promise<LightMyRequestResponse>
  close(): Promise<void>
}

export async function openApiScene(): Promise<ApiScene> {
  const { db, close } = await testDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'quarry-test-'))
  const log = makeLog('silent')
  const web = makeWeb(log)
  const blobs = await openFolderBlobs(join(folder, 'blobs'))
  const mirrors = makeMirrors(folder, db)
  const sources = makeSources(null)
  const snapshots = makeSnapshotArchives({ home: folder, db, blobs, mirrors, sources, diskBudget: 1e12 })
  await registerApi(web, { db, log, blobs, snapshots })
  const token = await createToken(db, { name: 'all', scopes: scopeNames, owners: null, expiresAt: null })
  const headers = (asked: Asked) => ({
    ...(asked.token === null ? {} : { authorization: `Bearer ${asked.token ?? token}` }),
    ...asked.headers,
  })
  return {
    db,
    web,
    token,
    get: (url, asked = {}) => web.inject({ url, headers: headers(asked) }),
    post: (url, body, asked = {}) => web.inject({ method: 'POST', url, payload: body, headers: headers(asked) }),
    async close() {
      await web.close()
      await mirrors.close()
      await close()
      rmSync(folder, { recursive: true })
    },
  }
}
