import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MatrixScene, openMatrixScene } from '../apps/api/matrix-scene.ts'
import { addRepository, addTask } from '../filled-database.ts'

/** Pinned: another one asks other things. */
const SCHEMATHESIS = 'schemathesis==4.32.5'
/** Requests made up for each operation, beside those at the edges of each parameter. */
const EXAMPLES = 200

let scene: MatrixScene
let address: string
let folder: string

beforeAll(async () => {
  scene = await openMatrixScene({ rateLimits: { requests: 1e8, frequent: 1e8 } })
  const repositoryId = await addRepository(scene.db, 'umbrella/lab')
  for (let number = 100; number < 150; number += 1) await addTask(scene.db, repositoryId, number)
  address = await scene.web.listen({ port: 0, host: '127.0.0.1' })
  folder = mkdtempSync(join(tmpdir(), 'quarry-fuzz-'))
})
afterAll(async () => {
  await scene?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** SCHEMATHESIS in the environment names one that is installed; else it is installed for this run. Null: there is no Python to do that with. */
function program(): string | null {
  const { SCHEMATHESIS: installed } = process.env
  if (installed !== undefined) return installed
  const place = join(folder, 'python')
  try {
    execFileSync('python3', ['-m', 'venv', place], { stdio: 'pipe' })
  } catch {
    return null
  }
  execFileSync(join(place, 'bin/pip'), ['install', '--quiet', SCHEMATHESIS], { stdio: 'pipe', timeout: 600_000 })
  return join(place, 'bin/st')
}

/** A list may be of 10,000 names: made up anew for every request, that is all that a run would do. */
async function documentWithShortLists(): Promise<string> {
  const text = await (await fetch(`${address}/openapi.json`)).text()
  const path = join(folder, 'openapi.json')
  writeFileSync(path, text.replaceAll('"maxItems":10000', '"maxItems":10'))
  return path
}

test('whatever a client makes up, the API answers as its document says, and never with a fault of its own', async (context) => {
  const st = program()
  if (st === null) return context.skip('python3 with venv is not there: nothing was made up')
  const { SEED: seed = '1' } = process.env
  const argv = [
    ...['--config-file', join(import.meta.dirname, 'schemathesis.toml'), 'run', await documentWithShortLists()],
    ...['--url', address, '--header', `Authorization: Bearer ${scene.token}`],
    ...['--checks', 'all', '--max-examples', String(EXAMPLES), '--seed', seed, '--no-color'],
  ]
  const ended = await promisify(execFile)(st, argv, { cwd: folder, maxBuffer: 1 << 26 }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout }),
  )
  expect(ended.code, ended.stdout).toBe(0)
}, 3_600_000)
