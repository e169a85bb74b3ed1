import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, sandboxes } from '../../src/sandboxes/index.ts'
import type { Sandbox, SandboxOptions } from '../../src/sandboxes/types.ts'
import { attackContract } from './contract/attacks.ts'
import { deathContract } from './contract/death.ts'
import { gatewayContract } from './contract/gateway.ts'
import { awkwardName, bash, type Ground, makeFolder, makePlace, removePlace } from './contract/ground.ts'
import { keepingContract } from './contract/keeping.ts'
import { limitContract } from './contract/limits.ts'
import { viewContract } from './contract/view.ts'
import { type HostedSandbox, ordinaryUser, sandboxInOtherProcess } from './other-process.ts'

const root = process.geteuid?.() === 0
const node = path.resolve(import.meta.dirname, '../../node_modules/.bin/node')

/** Every promise holds for every kind of sandbox, for whoever runs it. */
const users = root ? (['root', 'an ordinary user'] as const) : (['an ordinary user'] as const)
const cases = Object.keys(sandboxes).flatMap((kind) => users.map((user) => ({ kind, user })))

describe.each(cases)('$kind, as $user', ({ kind, user }) => {
  const other = root && user !== 'root' ? ordinaryUser : null
  const place = makePlace(other)
  // A data folder whose path has to be quoted; as root also one that others can't pass through.
  const home = path.join(place, user === 'root' ? 'closed' : 'open', awkwardName)
  const options: SandboxOptions = { home, node: other === null ? node : '/mnt/node_modules/.bin/node' }
  let own: Sandbox | null = null
  let hosted: HostedSandbox | null = null
  let folders = 0
  const ground: Ground = {
    sandbox() {
      if (own === null) throw new Error('There is no sandbox before beforeAll.')
      return own
    },
    async folder(files) {
      folders += 1
      const folder = makeFolder(home, `${awkwardName} ${folders}`, files)
      if (other !== null) execFileSync('chown', ['-R', `${other}:${other}`, folder])
      await ground.sandbox().adopt(folder)
      return folder
    },
  }

  beforeAll(async () => {
    makeFolder(home, '.', {})
    if (user === 'root') execFileSync('chmod', ['700', path.join(place, 'closed')])
    if (other !== null) execFileSync('chown', ['-R', `${other}:${other}`, place])
    hosted = other === null ? null : sandboxInOtherProcess({ kind, options }, other)
    own = hosted === null ? createSandbox(kind, options) : hosted.sandbox
  })
  afterAll(async () => {
    await own?.close()
    hosted?.child.kill()
    removePlace(place)
  })

  describe('view', () => viewContract(ground))
  describe('keeping', () => keepingContract(ground))
  describe('attacks', () => attackContract(ground))
  describe('limits', () => limitContract(ground))
  describe('gateway', () => gatewayContract(ground))
  describe('death', () => deathContract(ground, kind, options, other))

  test('without control groups the limits hold by watching', async () => {
    if (other !== null) return
    const sandbox = createSandbox(kind, { ...options, controlGroups: false })
    const watched: Ground = { ...ground, sandbox: () => sandbox }
    const tight = { seconds: 30, memoryMiB: 100, processes: 30, fileMiB: 64, diskMiB: 64, outputMiB: 1, cores: [] }
    expect((await bash(watched, 'tail /dev/zero; sleep 60', { limits: tight })).ended).toBe('out-of-memory')
    const many = 'for ((i = 0; i < 60; i++)); do sleep 60 & done; echo all'
    expect((await bash(watched, many, { limits: { ...tight, seconds: 2 } })).stdout.toString()).toBe('')
    await sandbox.close()
  })
})

test('runs as nobody that the host knows, where Quarry is root', async () => {
  const { hostIdentity } = await import('../../src/sandboxes/identity.ts')
  const identity = await hostIdentity()
  expect(identity.uid).not.toBe(0)
  expect(identity.root).toBe(root)
})
