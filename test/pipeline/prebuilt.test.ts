import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Mirror, openMirror, resolveRevision } from '../../src/git/index.ts'
import { makePrebuilt, type PrebuildRequest, type Prebuilt } from '../../src/pipeline/prebuilt.ts'
import type { Held } from '../../src/pipeline/shelves.ts'
import { makeWorkTrees, type WorkTrees } from '../../src/pipeline/work-trees.ts'
import { createSandbox } from '../../src/sandboxes/index.ts'
import type { Sandbox } from '../../src/sandboxes/types.ts'
import { makeCoreBudget } from '../../src/test-runs/cores.ts'
import { makeRepository } from '../git/repository.ts'
import { ownCores } from '../test-runs/own-cores.ts'

const home = mkdtempSync(join(tmpdir(), 'quarry-prebuilt-'))
let sandbox: Sandbox
let mirror: Mirror
let trees: WorkTrees
let prebuilt: Prebuilt
let base: string
let snapshot: string

const command = (script: string) => ({ argv: ['sh', '-c', script], directory: '.', variables: {} })
const layer = join(home, 'layer')

beforeAll(async () => {
  const repository = makeRepository(join(home, 'repository'))
  const commit = repository.commit('one', { 'lib.txt': 'before\n', 'lock.txt': 'one\n' })
  mirror = openMirror(join(repository.folder, '.git'))
  base = (await resolveRevision(mirror, `${commit}^{tree}`)) ?? expect.fail()
  sandbox = createSandbox('bubblewrap', { home, node: process.execPath })
  trees = makeWorkTrees(join(home, 'trees'), sandbox)
  snapshot = (await trees.snapshot(mirror, base, null)).folder
  mkdirSync(join(layer, '.quarry'), { recursive: true })
  writeFileSync(join(layer, '.quarry/dependency.txt'), 'from the layer\n')
  writeFileSync(join(layer, '.quarry/stale.txt'), 'stale\n')
  await sandbox.adopt(layer)
  prebuilt = makePrebuilt({
    root: join(home, 'ahead'),
    sandbox,
    cores: makeCoreBudget([0], ownCores()),
    coresPerRun: 1,
  })
})
afterAll(async () => {
  await prebuilt.forget()
  await trees.close()
  await mirror.close()
  await sandbox.close()
  rmSync(home, { recursive: true, force: true })
})

function requestOf(...scripts: string[]): PrebuildRequest {
  return {
    ...{ mirror, baseTree: base, tag: null, snapshot, mounts: [] },
    strategy: { prebuild: scripts.map(command), variables: { GREETING: 'hello' }, toolchain: { java: '17' } },
    layer: { folder: layer, digest: 'digest' },
  }
}

/** What a run sees of a file, and what it may do to it. */
async function seen(ahead: string, script: string): Promise<string> {
  const scratch = await sandbox.scratch()
  try {
    const { stdout } = await sandbox.run({
      ...{ layers: [snapshot, ahead, layer], scratch, mounts: [], argv: ['sh', '-c', script], directory: '.' },
      ...{ variables: {}, gateway: null },
      limits: {
        ...{ seconds: 20, memoryMiB: 256, processes: 32, fileMiB: 16, diskMiB: 64, outputMiB: 1, cores: [] },
      },
    })
    return stdout.toString()
  } finally {
    await sandbox.discard(scratch)
  }
}

test('nothing is built ahead for a strategy that asks for nothing', async () => {
  expect(await prebuilt.hold({ ...requestOf(), strategy: { variables: {}, toolchain: {} } })).toBeNull()
})

test('what is built of the base lies below every run, which can not change it for the next', async () => {
  const ahead = await prebuilt.hold(
    requestOf(
      'cat lib.txt .quarry/dependency.txt > .quarry/built.txt; echo $GREETING >> .quarry/built.txt; rm .quarry/stale.txt',
    ),
  )
  const folder = ahead?.folder ?? expect.fail()
  const look = 'cat .quarry/built.txt; ls .quarry; echo spoilt > .quarry/built.txt'
  const expected = 'before\nfrom the layer\nhello\nbuilt.txt\ndependency.txt\n'
  expect(await seen(folder, look)).toBe(expected)
  expect(await seen(folder, look)).toBe(expected)
  await ahead?.release()
})

test('the repository keeps its own files, and a failed command what it got done', async () => {
  const ahead = await prebuilt.hold(
    requestOf('echo two > lock.txt; rm lib.txt; mkdir out; echo made > out/a; false', 'echo more > out/b'),
  )
  const folder = ahead?.folder ?? expect.fail()
  expect(readdirSync(folder)).toEqual(['out'])
  expect(await seen(folder, 'cat lib.txt lock.txt out/a out/b')).toBe('before\none\nmade\nmore\n')
  await ahead?.release()
})

test('all who want the same share one', async () => {
  const request = requestOf('head -c 8 /dev/urandom > dice')
  const [first, second] = await Promise.all([prebuilt.hold(request), prebuilt.hold(request)])
  const other = await prebuilt.hold({ ...request, layer: { ...request.layer, digest: 'another' } })
  const diceOf = (held: Held | null) => readFileSync(join(held?.folder ?? '', 'dice'), 'hex')
  expect(second?.folder).toBe(first?.folder)
  expect(diceOf(other)).not.toBe(diceOf(first))
  for (const each of [first, second, other]) await each?.release()
})

test('a strategy that was in the database is the same one, though its keys come in another order', async () => {
  const request = requestOf('head -c 8 /dev/urandom > dice')
  const variables = { PATH: '/usr/bin:/bin', CI: 'true' }
  const stored = { CI: 'true', PATH: '/usr/bin:/bin' }
  const fresh = await prebuilt.hold({ ...request, strategy: { ...request.strategy, variables } })
  const again = await prebuilt.hold({ ...request, strategy: { ...request.strategy, variables: stored } })
  expect(again?.folder).toBe(fresh?.folder)
  for (const each of [fresh, again]) await each?.release()
})

test('what had to be stopped leaves nothing', async () => {
  const ahead = await prebuilt.hold(requestOf('echo half > half.txt; kill -9 $$'))
  expect(readdirSync(ahead?.folder ?? expect.fail())).toEqual([])
  await ahead?.release()
})
