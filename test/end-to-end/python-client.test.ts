import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPython, makeEnvironment, withoutPython } from '../python.ts'
import { type Served, serveSample } from './served.ts'

const client = new URL('../../clients/python', import.meta.url).pathname
const python = await findPython('3.10')
if (python === null) process.stderr.write(`the Python client: ${withoutPython('3.10')}\n`)

describe.skipIf(python === null)('the Python client', () => {
  let served: Served
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-python-'))
    const made = makeEnvironment(python ?? '', join(folder, 'venv'), [`${client}[test,check]`])
    const [, started] = await Promise.all([made, serveSample([30, 4])])
    served = started
  }, 600_000)

  afterAll(async () => {
    await served?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Runs a program of the environment in the client's folder, and gives its exit code and all that it said. */
  async function said(program: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
    const { PATH = '', HOME = '' } = process.env
    const env = { PATH, HOME, PYTHONDONTWRITEBYTECODE: '1', ...more }
    const { exitCode, all } = await execa(join(folder, 'venv/bin', program), args, {
      ...{ cwd: client, env, extendEnv: false, reject: false, all: true },
    })
    return { exitCode, all }
  }

  test('passes its own tests, against a served Quarry and its OpenAPI document', async () => {
    const server = { QUARRY_URL: served.url, QUARRY_TOKEN: served.token }
    const { all } = await said('python', ['-m', 'pytest', '-p', 'no:cacheprovider', '-rs', client], server)
    // None skipped: those that need a server have one.
    expect(all).toMatch(/^\d+ passed in/m)
  }, 600_000)

  test.each([
    ['mypy', ['--strict', '--cache-dir=/dev/null']],
    ['ruff', ['check', '--no-cache']],
    ['ruff', ['format', '--check', '--no-cache']],
  ])(
    'has nothing for %s %j',
    async (program, args) => {
      const { exitCode, all } = await said(program, args)
      expect(exitCode, all).toBe(0)
    },
    300_000,
  )
})
