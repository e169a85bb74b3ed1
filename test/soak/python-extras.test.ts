import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Served, serveSample } from '../end-to-end/served.ts'
import { findPython, pythonEnvironment, withoutPython } from '../python.ts'

const client = new URL('../../clients/python', import.meta.url).pathname
const python = await findPython('3.11')
if (python === null) process.stderr.write(`the Python client's extras: ${withoutPython('3.11')}\n`)

/** The packages are heavy: hence not in CI. */
describe.skipIf(python === null)("the Python client's extras", () => {
  let served: Served
  let folder: string
  let programs: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-extras-'))
    programs = await pythonEnvironment(python ?? '', join(import.meta.dirname, 'python-extras.txt'))
    served = await serveSample([2, 4])
  }, 1_800_000)

  afterAll(async () => {
    await served?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The client as it is in this repository, with the packages beside it. */
  async function said(program: string, args: readonly string[]): Promise<string> {
    const { PATH = '', HOME = '' } = process.env
    const env = {
      ...{ PATH, HOME, PYTHONPATH: join(client, 'src'), PYTHONDONTWRITEBYTECODE: '1' },
      ...{ QUARRY_URL: served.url, QUARRY_TOKEN: served.token, HF_HOME: join(folder, 'hf'), HF_HUB_OFFLINE: '1' },
    }
    const ended = await execa(join(programs, program), args, {
      ...{ cwd: folder, env, extendEnv: false, reject: false, all: true, timeout: 600_000 },
    })
    expect(ended.exitCode, ended.all).toBe(0)
    return ended.all ?? ''
  }

  test('vf-validate finds the fix of every task worth 1, and the snapshot as it is not', async () => {
    const told = await said('vf-validate', ['quarry_taskset', '--runtime.type', 'subprocess'])
    expect(told).toMatch(/valid\D*2/)
  }, 900_000)

  test('datasets has the tasks that match, in memory and as a stream', async () => {
    writeFileSync(
      join(folder, 'read.py'),
      `from quarry_client import Quarry
from quarry_client.datasets import load, stream

with Quarry() as quarry:
    data = load(quarry, sort="oldest")
rows = list(stream(sort="oldest"))
assert data.to_list() == rows, (data.to_list(), rows)
print(*(f"{row['task']} {row['fail_to_pass']} {bool(row['problem_statement'])}" for row in rows), sep="\\n")
`,
    )
    const told = await said('python', ['read.py'])
    expect(told.split('\n').slice(-2).sort()).toEqual(['acme__shop-2 1 True', 'acme__shop-4 1 True'])
  }, 300_000)
})
