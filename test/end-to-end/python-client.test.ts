import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Served, serveSample } from './served.ts'

const run = promisify(execFile)
const client = new URL('../../clients/python', import.meta.url).pathname

/** Why the client can't be tested here; null: it can. */
async function lack(): Promise<string | null> {
  const script = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else "older than 3.10")'
  return run('python3', ['-c', script]).then(
    () => null,
    (error: unknown) => `python3 with venv, 3.10 or newer, is not to be had: ${String(error).split('\n').at(-2) ?? ''}`,
  )
}

const lacking = await lack()
if (lacking !== null) process.stderr.write(`the Python client is not tested: ${lacking}\n`)

describe.skipIf(lacking !== null)('the Python client', () => {
  let served: Served
  let folder: string
  const python = () => join(folder, 'venv/bin/python')

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-python-'))
    const install = async () => {
      await run('python3', ['-m', 'venv', join(folder, 'venv')])
      const quiet = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
      await run(python(), [...quiet, `${client}[test]`], { maxBuffer: 2 ** 26 })
    }
    const [, started] = await Promise.all([install(), serveSample([30, 31])])
    served = started
  }, 600_000)

  afterAll(async () => {
    await served?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('passes its own tests, against a served Quarry and its OpenAPI document', async () => {
    const { PATH = '', HOME = '' } = process.env
    const env = { PATH, HOME, QUARRY_URL: served.url, QUARRY_TOKEN: served.token, PYTHONDONTWRITEBYTECODE: '1' }
    const said = await run(python(), ['-m', 'pytest', '-p', 'no:cacheprovider', '-rs', client], {
      env,
      cwd: client,
      maxBuffer: 2 ** 26,
    }).catch((error: { stdout?: string; stderr?: string }) => ({ stdout: `${error.stdout}\n${error.stderr}` }))
    expect(said.stdout).toMatch(/^\d+ passed in/m)
  }, 600_000)
})
