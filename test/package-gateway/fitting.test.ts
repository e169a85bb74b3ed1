import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Need, openRegistry } from '../../src/package-gateway/index.ts'
import { type LocalPackage, type LocalRegistry, startRegistry } from './local-registry.ts'
import { openRelayed } from './relay.ts'

const asOf = new Date('2022-07-05')
/** A mirror's time says nothing; the engines of a version that came later date it. */
const young = { engines: { node: '>=20' } }
const sure = { created: '2020-01-01T00:00:00Z', modified: '2020-01-01T00:00:00Z' }

const packages: readonly LocalPackage[] = [
  // Nothing dates 1.1.0 but that it needs a proven younger version.
  {
    name: 'archive',
    versions: { '1.0.0': { dependencies: { zip: '^1.0.0' } }, '1.1.0': { dependencies: { zip: '^1.2.0' } } },
  },
  { name: 'zip', versions: { '1.0.0': {}, '1.2.0': young } },
  { name: 'tool', versions: { '1.0.0': {}, '1.0.1': { dependencies: { archive: '~1.1.0' } } } },
  { name: 'round', versions: { '1.0.0': {}, '1.1.0': { dependencies: { about: '*' } } } },
  { name: 'about', versions: { '1.0.0': { dependencies: { round: '^1.1.0' } } } },
  // Surely there by then, so what it needs was there too, whatever its engines say.
  { name: 'old', versions: { '1.0.0': { dependencies: { zip: '^1.2.0' } } }, time: { ...sure, '1.0.0': sure.created } },
  {
    name: 'lenient',
    versions: { '1.0.0': { optionalDependencies: { zip: '^7.0.0' }, peerDependencies: { zip: '^1.2.0' } } },
  },
  // 1.1.0 of both lean on each other, and one of them on what is proven younger.
  { name: 'left', versions: { '1.0.0': {}, '1.1.0': { dependencies: { right: '^1.0.0', zip: '^1.2.0' } } } },
  { name: 'right', versions: { '1.0.0': {}, '1.1.0': { dependencies: { left: '^1.1.0' } } } },
  // What has to be shown for one is found wanting for another first.
  { name: 'picky', versions: { '1.0.0': { dependencies: { archive: '^1.1.0' } } } },
  { name: 'easy', versions: { '1.0.0': { peerDependencies: { archive: '>=1.0.0' } } } },
  { name: 'alone', versions: { '1.0.0': { dependencies: { nobody: '^1.0.0' } } } },
]

let upstream: LocalRegistry
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-fit-'))
  upstream = await startRegistry(packages)
})

afterAll(async () => {
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

/** What an install that asks for `needs` is shown of each package. */
async function shown(needs: Readonly<Record<string, string>>, names: readonly string[]) {
  const registry = openRegistry({
    upstream: { registry: upstream.address, scopes: new Map(), certificates: null, proxy: null },
    credentials: [],
    owner: 'acme',
    store: join(folder, 'store'),
    backoff: [1],
  })
  const list: Need[] = Object.entries(needs).map(([name, range]) => ({ name, range }))
  const gateway = await openRelayed({ registry, asOf, needs: list, socketFolder: folder })
  try {
    const found: Record<string, string[]> = {}
    for (const name of names) {
      const body: { versions: object } = JSON.parse(await (await fetch(`${gateway.address}/${name}`)).text())
      found[name] = Object.keys(body.versions)
    }
    return found
  } finally {
    await gateway.close()
    await registry.close()
  }
}

test('an undated version that needs a younger one is younger itself', async () => {
  expect(await shown({ archive: '^1.0.0' }, ['archive', 'zip'])).toEqual({ archive: ['1.0.0'], zip: ['1.0.0'] })
})

test('and so is what needs that one', async () => {
  expect(await shown({ tool: '^1.0.0' }, ['tool'])).toEqual({ tool: ['1.0.0'] })
})

test('packages that need each other stay', async () => {
  expect(await shown({ round: '^1.0.0' }, ['round', 'about'])).toEqual({ round: ['1.0.0', '1.1.0'], about: ['1.0.0'] })
})

test('where one of those is younger, so are all that need it', async () => {
  const both = { left: ['1.0.0'], right: ['1.0.0'] }
  expect(await shown({ left: '^1.0.0', right: '^1.0.0' }, ['left', 'right'])).toEqual(both)
  expect(await shown({ right: '^1.0.0', left: '^1.0.0' }, ['left', 'right'])).toEqual(both)
})

test('what is shown is not hidden again by what was found of it before', async () => {
  expect(await shown({ archive: '*', picky: '*', easy: '*' }, ['archive', 'picky'])).toEqual({
    archive: ['1.0.0', '1.1.0'],
    picky: ['1.0.0'],
  })
})

test('what the install itself asks for is shown, the lowest that will do', async () => {
  expect(await shown({ zip: '>=1.1.0' }, ['zip'])).toEqual({ zip: ['1.0.0', '1.2.0'] })
  expect(await shown({ archive: '1.1.0' }, ['archive', 'zip'])).toEqual({
    archive: ['1.0.0', '1.1.0'],
    zip: ['1.0.0', '1.2.0'],
  })
})

test('what a version needs that was surely there is shown', async () => {
  expect(await shown({ old: '*' }, ['old', 'zip'])).toEqual({ old: ['1.0.0'], zip: ['1.0.0', '1.2.0'] })
})

test('peers and optional dependencies hide nothing; a peer that is asked for is shown', async () => {
  expect(await shown({ lenient: '*' }, ['lenient', 'zip'])).toEqual({ lenient: ['1.0.0'], zip: ['1.0.0', '1.2.0'] })
})

test('a package that the registry does not have says nothing of those that need it', async () => {
  expect(await shown({ alone: '*' }, ['alone'])).toEqual({ alone: ['1.0.0'] })
})

test('is worked out once: the same needs at the same date are answered from what is kept', async () => {
  const start = upstream.asked.length
  await shown({ tool: '^1.0.0' }, ['tool'])
  expect(upstream.asked.slice(start).filter(({ line }) => line !== 'GET /nobody')).toEqual([])
})
