import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { inspectBubblewrap, namespaceSwitch } from '../../src/sandboxes/bubblewrap-inspect.ts'
import { readStatus } from '../../src/sandboxes/bubblewrap-launch.ts'
import { endingOf } from '../../src/sandboxes/ending.ts'
import { hostIdentity, unusedId } from '../../src/sandboxes/identity.ts'
import { createSandbox } from '../../src/sandboxes/index.ts'
import { isOwnerName, ownerIsDead, ownerName } from '../../src/sandboxes/owner.ts'
import { fstabLine } from '../../src/sandboxes/run-folder.ts'
import { limits, spec } from './contract/ground.ts'

const home = mkdtempSync(path.join(tmpdir(), 'quarry-bubblewrap-'))
afterAll(() => rmSync(home, { recursive: true }))

describe('the user number of the sandbox', () => {
  test('is never root, and one that this machine has', async () => {
    expect((await hostIdentity()).uid).not.toBe(0)
    expect(unusedId('0 0 4294967295')).toBe(1_900_001_000)
    expect(unusedId('0 100000 65536\n')).toBe(64_536)
    expect(() => unusedId('0 1000 1')).toThrow()
  })
})

test('an owner is dead once its process, or its machine, is gone', () => {
  const own = ownerName()
  const [boot, namespace, pid, start] = own.split('-')
  const now = new Date()
  expect(isOwnerName(own)).toBe(true)
  expect(ownerIsDead(own, now)).toBe(false)
  expect(ownerIsDead([boot, namespace, pid, Number(start) + 1].join('-'), now)).toBe(true)
  expect(ownerIsDead(['00000000', namespace, pid, start].join('-'), now)).toBe(true)
  const foreign = [boot, '1', pid, start].join('-')
  expect(ownerIsDead(foreign, now)).toBe(false)
  expect(ownerIsDead(foreign, new Date(now.getTime() - 25 * 3600 * 1000))).toBe(true)
})

test('an abort ends a run, also one that came before it', async () => {
  const sandbox = createSandbox('bubblewrap', { home, node: process.execPath })
  const controller = new AbortController()
  const run = sandbox.run(spec(['sleep', '60'], { signal: controller.signal, limits: { ...limits, seconds: 50 } }))
  controller.abort()
  expect(await run).toMatchObject({ ended: 'killed', exitCode: null })
  expect(await sandbox.run(spec(['sleep', '60'], { signal: controller.signal }))).toMatchObject({ ended: 'killed' })
  await sandbox.close()
})

test('fstab lines hold any path', () => {
  expect(fstabLine('/a b\\#', '/c\td', 'none', 'bind')).toBe('/a\\040b\\134\\043 /c\\011d none bind 0 0')
})

test('a status line that is still being written does not count', () => {
  const first = '{ "child-pid": 42, "net-namespace": 4026532211 }\n'
  expect(readStatus(`${first}{ "exit-co`)).toEqual({ init: 42, exitCode: null })
  expect(readStatus(`${first}{ "exit-code": 3 }\n`)).toEqual({ init: 42, exitCode: 3 })
})

test("the machine's own want is a fault, not an ending", () => {
  const observed = { exitCode: 137, signal: null, begun: true, said: () => '' }
  expect(() => endingOf({ ...observed, cause: 'host-disk-full' })).toThrow(
    expect.objectContaining({ kind: 'disk-full' }),
  )
  expect(() => endingOf({ ...observed, cause: 'host-out-of-memory' })).toThrow(
    expect.objectContaining({ kind: 'memory' }),
  )
  expect(endingOf({ ...observed, cause: 'out-of-memory' })).toMatchObject({ ended: 'out-of-memory', exitCode: null })
})

test('what ended the sandbox before its command began is a fault', () => {
  const observed = { cause: null, exitCode: null, signal: 'SIGKILL', said: () => '' }
  expect(() => endingOf({ ...observed, begun: false })).toThrow(expect.objectContaining({ kind: 'sandbox' }))
  expect(endingOf({ ...observed, begun: true })).toMatchObject({ ended: 'killed', signal: 'SIGKILL' })
})

describe('inspect', () => {
  test.each([
    ['kernel/apparmor_restrict_unprivileged_userns', '1\n'],
    ['kernel/unprivileged_userns_clone', '0\n'],
    ['user/max_user_namespaces', '0\n'],
  ])('names the switch %s', (name, value) => {
    const read = (file: string) => (file === `/proc/sys/${name}` ? value : null)
    expect(namespaceSwitch(read)).toContain(name.replace('/', '.'))
  })

  test('names the container options where no switch is off', () => {
    expect(namespaceSwitch(() => null)).toContain('--security-opt')
  })

  test('says what a trial met', async () => {
    const findings = await inspectBubblewrap(home, () => Promise.reject(new Error('it went wrong')))
    expect(findings.at(-1)).toMatchObject({ name: 'trial sandbox', ok: false, found: 'it went wrong' })
  })
})
