import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ownFolders, readMemberships, readMounts } from '../../src/sandboxes/cgroup-folders.ts'
import { makeControlGroup } from '../../src/sandboxes/control-groups.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'quarry-cgroup-'))
afterAll(() => rmSync(folder, { recursive: true }))

const v1 = `25 30 0:23 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct
26 30 0:24 /docker/abc /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory
27 30 0:25 / / rw - ext4 /dev/vda rw`
const v2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate'

describe('where control groups can be', () => {
  test('mounts of v1 by controller, with the part of the hierarchy that is mounted', () => {
    const mounts = readMounts(v1)
    expect(mounts.get('cpuacct')).toEqual({ root: '/', folder: '/sys/fs/cgroup/cpu,cpuacct' })
    expect(mounts.get('memory')).toEqual({ root: '/docker/abc', folder: '/sys/fs/cgroup/memory' })
    expect(mounts.has('pids')).toBe(false)
  })

  test('the one mount of v2', () => {
    expect(readMounts(v2).get('')).toEqual({ root: '/', folder: '/sys/fs/cgroup' })
  })

  test('memberships, those of v2 under the empty name', () => {
    const memberships = readMemberships('4:memory:/docker/abc/x\n2:cpu,cpuacct:/\n0::/user.slice/a:b.scope\n')
    expect(memberships.get('memory')).toBe('/docker/abc/x')
    expect(memberships.get('cpuacct')).toBe('/')
    expect(memberships.get('')).toBe('/user.slice/a:b.scope')
  })

  test('the own group first, then those above it as far as they are mounted', () => {
    expect(ownFolders({ root: '/', folder: '/c' }, '/user.slice/one.scope')).toEqual([
      '/c/user.slice/one.scope',
      '/c/user.slice',
      '/c',
    ])
    expect(ownFolders({ root: '/docker/abc', folder: '/c' }, '/docker/abc/x')).toEqual(['/c/x', '/c'])
    expect(ownFolders({ root: '/docker/abc', folder: '/c' }, '/elsewhere')).toEqual(['/c'])
    expect(ownFolders(undefined, '/x')).toEqual([])
  })
})

test('a group of v2 has the files that the kernel documents', () => {
  const parent = { folder, version: 2 as const, controllers: ['memory', 'pids'] as const }
  const group = makeControlGroup([parent], 'quarry-x')
  group.limit({ memoryMiB: 64, processes: 9 })
  const file = (name: string) => path.join(folder, 'quarry-x', name)
  const read = (name: string) => readFileSync(file(name), 'utf8')
  expect([read('memory.max'), read('memory.oom.group'), read('pids.max')]).toEqual([String(64 << 20), '1', '9'])
  writeFileSync(file('memory.events'), 'low 0\nhigh 0\nmax 12\noom 1\noom_kill 3\noom_group_kill 1\n')
  writeFileSync(file('memory.peak'), '1048576\n')
  expect([group.memoryKills(), group.peakBytes()]).toEqual([3, 1 << 20])
  expect([group.joins, group.limitsMemory, group.limitsProcesses]).toEqual([[file('cgroup.procs')], true, true])
})
