import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { statOf } from '../../src/proc.ts'
import { ownerVariable } from '../../src/sandboxes/bubblewrap-launch.ts'
import { createSandbox } from '../../src/sandboxes/index.ts'
import { ownerName } from '../../src/sandboxes/owner.ts'
import { allPids, readProc } from '../../src/sandboxes/processes.ts'
import type { Sandbox } from '../../src/sandboxes/types.ts'
import { spec } from './contract/ground.ts'

let home: string
let sandbox: Sandbox

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'quarry-standby-'))
  sandbox = createSandbox('bubblewrap', { home, node: process.execPath })
})
afterAll(async () => {
  await sandbox.close()
  rmSync(home, { recursive: true })
})

/** The processes that wait for this test's next run. */
function waiting(owner = ownerName()): number[] {
  return allPids().filter((pid) => readProc(`/proc/${pid}/environ`)?.split('\0').includes(`${ownerVariable}=${owner}`))
}

async function say(words: string): Promise<string> {
  return (await sandbox.run(spec(['echo', words]))).stdout.toString()
}

test('a launcher waits for the next run, which takes it', async () => {
  expect(await say('one')).toBe('one\n')
  await expect.poll(waiting).toHaveLength(1)
  const [before] = waiting()
  expect(await say('two')).toBe('two\n')
  await expect.poll(waiting).toHaveLength(1)
  expect(waiting()).not.toEqual([before])
})

test('one that was ended meanwhile is replaced', async () => {
  await say('first')
  await expect.poll(waiting).toHaveLength(1)
  const killed = waiting()
  for (const pid of killed) process.kill(pid, 'SIGKILL')
  // Its variables are gone a little sooner than the process itself.
  await expect.poll(() => killed.filter((pid) => statOf(pid)?.ended === false)).toEqual([])
  expect(await say('still here')).toBe('still here\n')
})

test('the limits are those of the run, not of the one before', async () => {
  const { limits } = spec([])
  const tight = await sandbox.run(spec(['bash', '-c', 'ulimit -f'], { limits: { ...limits, fileMiB: 3 } }))
  const wide = await sandbox.run(spec(['bash', '-c', 'ulimit -f'], { limits: { ...limits, fileMiB: 5 } }))
  expect([tight, wide].map(({ stdout }) => stdout.toString())).toEqual(['3072\n', '5120\n'])
})

test('no word can pass for two', async () => {
  const variables = { A: 'b\0--bind\0/\0/x' }
  await expect(sandbox.run(spec(['true'], { variables }))).rejects.toThrow('NUL')
  await expect(sandbox.run(spec(['echo', 'a\0b']))).rejects.toThrow('NUL')
})

test('close leaves no process and no folder', async () => {
  await say('last')
  await expect.poll(waiting).toHaveLength(1)
  await sandbox.close()
  expect(waiting()).toEqual([])
  const own = path.join(home, 'sandboxes', ownerName())
  expect(readdirSync(own).filter((name) => name.startsWith('run-'))).toEqual([])
  expect(await say('after it')).toBe('after it\n')
  expect(waiting()).toEqual([])
})

test('a program that forgets to close ends all the same, and nothing waits for it', async () => {
  const program = `
    const { createSandbox } = await import('./src/sandboxes/index.ts')
    const { ownerName } = await import('./src/sandboxes/owner.ts')
    const { limits } = ${JSON.stringify(spec([]))}
    const sandbox = createSandbox('bubblewrap', { home: ${JSON.stringify(home)}, node: process.execPath })
    const rest = { layers: [], scratch: null, mounts: [], directory: '.', variables: {}, gateway: null }
    await sandbox.run({ ...rest, argv: ['true'], limits })
    console.log(ownerName())`
  const cwd = path.resolve(import.meta.dirname, '../..')
  const arguments_ = ['--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, { cwd, timeout: 20_000 })
  await expect.poll(() => waiting(stdout.trim())).toEqual([])
  expect((await sandbox.sweep()).scratch).toBeLessThanOrEqual(1)
})
