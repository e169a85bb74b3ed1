import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMachine } from '../../src/apps/machine.ts'
import { readConfig } from '../../src/config.ts'
import { ecosystems } from '../../src/ecosystems/index.ts'
import type { Proposal } from '../../src/ecosystems/types.ts'
import { attempt, type ClimbServices, type Ground } from '../../src/environment/attempt.ts'
import { type EnvironmentServices, type ProvideRequest, provideEnvironment } from '../../src/environment/provide.ts'
import { openTree } from '../../src/git/index.ts'
import { toolchainMounts } from '../../src/pipeline/environments.ts'
import type { RunRecord } from '../../src/test-runs/types.ts'
import { addCandidate, addRepository } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { emptyMirror, treeOf } from '../snapshot/sample.ts'

let home: string
let database: Awaited<ReturnType<typeof testDatabase>>
let machine: Awaited<ReturnType<typeof openMachine>>
let services: EnvironmentServices
let request: ProvideRequest

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'quarry-provide-'))
  database = await testDatabase()
  machine = await openMachine(readConfig({ ...process.env, QUARRY_HOME: home, DATABASE_URL: database.url }), 1)
  const { workshop } = machine
  const repositoryId = await addRepository(machine.database.db)
  const id = await addCandidate(machine.database.db, repositoryId, 1, { state: 'proposed', stage: 'environment' })
  services = {
    ...workshop,
    ...{ db: machine.database.db, layers: workshop.holders.layers, installSeconds: 60 },
    toolchainMounts: (wanted) => toolchainMounts(workshop.tools, wanted),
    exclusively: inTurn(),
  }
  const mirror = await emptyMirror()
  const script = 'mkdir node_modules && echo 1 > node_modules/a.js && echo log > left.log'
  request = {
    ecosystems: ecosystems.filter(({ name }) => name === 'node'),
    strategy: {
      ...{ name: 'plain', ecosystem: 'node', toolchain: {}, overrides: [], build: [], variables: {} },
      install: [{ argv: ['sh', '-c', script], directory: '.', variables: {} }],
      ...{ asOf: null, flags: [], evidence: [] },
    },
    ...{ mirror, tree: await openTree(mirror, await treeOf(mirror, { 'package.json': '{}' })), owner: 'acme' },
    candidate: { id, repositoryId, installationId: 0 },
  }
})
afterEach(async () => {
  await request.mirror.close()
  await machine.close()
  await database.close()
  rmSync(home, { recursive: true, force: true })
})

/** One after the other, as a lease has it. */
function inTurn(): EnvironmentServices['exclusively'] {
  let last: Promise<unknown> = Promise.resolve()
  return (_, work) => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }
}

const folderOf = (layer: string | null | undefined) => join(home, 'layers', layer?.replace('sha256:', '') ?? '')
const marksOf = (layer: string | null | undefined) => readdirSync(`${folderOf(layer)}.held`)

test('an environment is there before it is stored, stays while it is used, and is the stored one afterwards', async () => {
  const provided = await provideEnvironment(services, request)
  expect(provided.usable).toEqual({ layer: expect.stringMatching(/^sha256:/), blob: null })
  expect(readdirSync(join(folderOf(provided.usable?.layer), 'node_modules'))).toEqual(['a.js'])
  const row = await provided.stored
  expect(row).toMatchObject({ state: 'built', layer: provided.usable?.layer, blob: expect.stringMatching(/^sha256:/) })
  expect(await services.layers.shrink(0)).toBe(0)
  await provided.release()
  expect(marksOf(row.layer)).toEqual([])
  expect((await provideEnvironment(services, request)).usable).toMatchObject({ id: row.id, blob: row.blob })
  expect(
    readdirSync(join(home, 'sandboxes')).flatMap((own) => readdirSync(join(home, 'sandboxes', own))),
  ).not.toContain(expect.stringMatching(/^scratch-/))
})

test('two that ask at once share one build', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => provideEnvironment(services, request)))
  const [one, other] = await Promise.all([first?.stored, second?.stored])
  expect(other?.id).toBe(one?.id)
  // Whichever of them built it used it before it was packed.
  expect([first, second].flatMap((each) => each?.usable?.blob ?? [])).toEqual([one?.blob])
  await Promise.all([first?.release(), second?.release()])
})

test("an install that was told nothing of the day is every day's, and another one its own day's alone", async () => {
  const day = (asOf: string) => ({ ...request, strategy: { ...request.strategy, asOf } })
  const idOf = async (provided: Awaited<ReturnType<typeof provideEnvironment>>) => {
    const { id } = await provided.stored
    await provided.release()
    return id
  }
  const told: EnvironmentServices = {
    ...services,
    openGateway: async (...given) => {
      const gateway = await services.openGateway(...given)
      gateway.log.dated = true
      return gateway
    },
  }
  const dated = await idOf(await provideEnvironment(told, day('2024-01-01T00:00:00Z')))
  const first = await idOf(await provideEnvironment(services, day('2024-01-02T00:00:00Z')))
  expect(first).not.toBe(dated)
  expect(await idOf(await provideEnvironment(told, day('2024-01-03T00:00:00Z')))).toBe(first)
  expect(await idOf(await provideEnvironment(services, day('2024-01-01T00:00:00Z')))).toBe(dated)
})

test('of two days that install at once each has its own where neither is told of its day', async () => {
  const atOnce: EnvironmentServices = { ...services, exclusively: (_, work) => work() }
  const days = ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z']
  const both = await Promise.all(
    days.map((asOf) => provideEnvironment(atOnce, { ...request, strategy: { ...request.strategy, asOf } })),
  )
  const rows = await Promise.all(both.map(({ stored }) => stored))
  expect(new Set(rows.map(({ id }) => id)).size).toBe(2)
  expect(rows.map(({ layer }) => layer)).toEqual(both.map(({ usable }) => usable?.layer))
  await Promise.all(both.map(({ release }) => release()))
})

test('what an install gives that was unpacked here before is stored all the same', async () => {
  const first = await provideEnvironment(services, request)
  const { layer, blob } = await first.stored
  await first.release()
  await services.layers.shrink(0)
  const held = await services.layers.hold(layer ?? '', blob ?? 'sha256:')
  const again = await provideEnvironment(services, { ...request, owner: 'another' })
  expect(await again.stored).toMatchObject({ layer, blob })
  await Promise.all([again.release(), held.release()])
})

test('an install that the sources keep from its end is not tried again for them, and is for others of the same manifests', async () => {
  const wont: ProvideRequest['ecosystems'] = request.ecosystems.map((ecosystem) => ({
    ...ecosystem,
    explain: () => ({ reason: 'build-failed', detail: 'a.js' }),
  }))
  const script = 'test -f right.js || exit 1; mkdir node_modules && echo 1 > node_modules/a.js'
  const strategy = {
    ...request.strategy,
    install: [{ argv: ['sh', '-c', script], directory: '.', variables: {} }],
  }
  const wrong = { ...request, ecosystems: wont, strategy }
  const failed = await (await provideEnvironment(services, wrong)).stored
  expect(failed).toMatchObject({ state: 'failed', reason: 'build-failed' })
  expect(await (await provideEnvironment(services, wrong)).stored).toMatchObject({ id: failed.id })
  const sources = { 'package.json': '{}', 'right.js': '' }
  const right = { ...wrong, tree: await openTree(request.mirror, await treeOf(request.mirror, sources)) }
  const built = await provideEnvironment(services, right)
  expect(await built.stored).toMatchObject({ state: 'built' })
  await built.release()
})

const record: RunRecord = {
  ending: { ended: 'completed', statuses: new Map() },
  ...{ exitCode: 0, seconds: { prepare: 0, build: 0, test: 1 }, peakMib: null, buildWroteOver: false },
  plans: [
    {
      ...{ framework: 'node-test', complete: true, exitCode: 0, seconds: 1 },
      tests: [{ file: 'a.test.js', path: ['a'], status: 'passed', milliseconds: null, message: null }],
    },
  ],
  log: Buffer.from(''),
}

/** An attempt of the request's strategy whose tests all pass, on `environment`'s services. */
function attemptOn(environment: EnvironmentServices, seen: (layer: string | null) => void = () => undefined) {
  const climbing: Partial<ClimbServices> = {
    ...environment,
    runAfter: async (_context, _snapshot, _mirror, _strategy, { layer }) => {
      seen(layer)
      return record
    },
  }
  const ground: Partial<Ground> = {
    ...{ mirror: request.mirror, tree: request.tree, ecosystems: request.ecosystems, tests: ['a.test.js'] },
    context: { repository: { name: 'acme/shop' }, candidate: request.candidate } as Ground['context'],
  }
  const proposal: Partial<Proposal> = {
    strategy: request.strategy,
    invocations: [
      {
        program: 'node',
        arguments: ['--test'],
        nodeArguments: [],
        variables: {},
        directory: '.',
        from: 'package.json',
      },
    ],
    project: (directory) => ({ directory, paths: [], read: async () => null, lockedVersion: () => null }),
  }
  return attempt(climbing as ClimbServices, ground as Ground, proposal as Proposal)
}

test('tests run while it is stored; afterwards nobody holds it', async () => {
  let seen: string | null = null
  const { outcome, environment } = await attemptOn(services, (layer) => {
    seen = layer
    expect(existsSync(folderOf(layer))).toBe(true)
  })
  expect(outcome).toBe('works')
  expect(environment?.layer).toBe(seen)
  expect(marksOf(seen)).toEqual([])
})

test('tests that ran on another layer than was stored say nothing', async () => {
  const lost: EnvironmentServices['exclusively'] = async (name, work) => {
    const row = await services.exclusively(name, work)
    return typeof row === 'object' ? { ...row, layer: `sha256:${'0'.repeat(64)}` } : row
  }
  await expect(attemptOn({ ...services, exclusively: lost })).rejects.toMatchObject({ kind: 'lease-lost' })
})

test('an environment that can not be stored is a fault, and its layer is let go', async () => {
  const full = { ...services.blobs, put: () => Promise.reject(new Error('no space left')) }
  let seen: string | null = null
  await expect(
    attemptOn({ ...services, blobs: full }, (layer) => {
      seen = layer
    }),
  ).rejects.toThrow('no space left')
  expect(marksOf(seen)).toEqual([])
})
