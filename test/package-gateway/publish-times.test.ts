import { describe, expect, test } from 'vitest'
import { visibleAsOf } from '../../src/package-gateway/npm/as-of.ts'
import { condensePackument } from '../../src/package-gateway/npm/packument.ts'
import { dateInPrerelease, timesAreTrusted } from '../../src/package-gateway/npm/publish-times.ts'

type Manifests = Record<string, Record<string, unknown>>

/** A packument as a mirror has it: the times are those of its own copies, in the order in which somebody asked. */
function mirrored(name: string, manifests: Manifests, time: Record<string, string>) {
  const dist = { tarball: 'http://127.0.0.1/x.tgz' }
  const versions = Object.fromEntries(
    Object.entries(manifests).map(([version, rest]) => [version, { name, version, dist, ...rest }]),
  )
  const tags = { latest: Object.keys(manifests).at(-1) }
  return condensePackument(Buffer.from(JSON.stringify({ name, versions, time, 'dist-tags': tags })), 0)
}

function visible(name: string, manifests: Manifests, time: Record<string, string>, asOf: string) {
  const found = visibleAsOf(mirrored(name, manifests, time), new Date(asOf))
  return { versions: found.versions.map(([version]) => version), latest: found.tags.latest, unsure: found.unsure }
}

const copied = (versions: readonly string[]) =>
  Object.fromEntries(versions.map((version) => [version, '2025-01-01T00:00:00Z']))

describe('times of a mirror’s copies', () => {
  const versions = ['1.0.0', '1.0.1', '1.0.2']
  const created = { created: '2020-01-01T00:00:00Z', modified: '2025-01-01T00:00:00Z' }

  test('are known by the missing dates of the package itself', () => {
    expect(timesAreTrusted(versions, copied(versions))).toBe(false)
  })

  test('are known by patches that seem to be older than those before them', () => {
    const many = Array.from({ length: 10 }, (_, patch) => `1.0.${patch}`)
    const backwards = Object.fromEntries(many.map((version, index) => [version, `20${30 - index}-01-01T00:00:00Z`]))
    expect(timesAreTrusted(many, { ...created, ...backwards })).toBe(false)
  })

  test('are not suspected over one late backport', () => {
    const time = {
      ...created,
      '1.0.0': '2020-01-01T00:00:00Z',
      '1.0.1': '2020-03-01T00:00:00Z',
      '1.0.2': '2020-02-01T00:00:00Z',
    }
    expect(timesAreTrusted(versions, time)).toBe(true)
  })
})

describe('without trusted times a version is', () => {
  test('visible, unsure, where nothing tells', () => {
    const manifests = { '1.0.0': {}, '2.0.0': {} }
    expect(visible('any', manifests, copied(['1.0.0', '2.0.0']), '2020-01-01')).toEqual({
      versions: ['1.0.0', '2.0.0'],
      latest: '2.0.0',
      unsure: true,
    })
  })

  test('surely visible where even the copy is older', () => {
    const time = { '1.0.0': '2019-06-01T00:00:00Z', '1.0.1': '2019-01-01T00:00:00Z' }
    expect(visible('any', { '1.0.0': {}, '1.0.1': {} }, time, '2020-01-01').unsure).toBe(false)
  })

  test('surely visible where a later patch of its line is', () => {
    const time = { '1.0.0': '2025-01-01T00:00:00Z', '1.0.1': '2019-01-01T00:00:00Z' }
    expect(visible('any', { '1.0.0': {}, '1.0.1': {} }, time, '2020-01-01').unsure).toBe(false)
  })

  test('hidden where it needs a Node that was not out', () => {
    const manifests = {
      '1.0.0': { engines: { node: '>=6' } },
      '2.0.0': { engines: { node: '^18.18.0 || ^20.9.0 || >=21.1.0' } },
    }
    expect(visible('any', manifests, copied(['1.0.0', '2.0.0']), '2022-07-05').versions).toEqual(['1.0.0'])
  })

  test('hidden where the oldest Node it runs on was not yet a long-term one', () => {
    const manifests = {
      '4.0.0': { engines: { node: '^12.20.0 || ^14.13.1 || >=16.0.0' } },
      '5.0.0': { engines: { node: '>=18' } },
    }
    expect(visible('any', manifests, copied(['4.0.0', '5.0.0']), '2022-07-05').latest).toBe('4.0.0')
    expect(visible('any', manifests, copied(['4.0.0', '5.0.0']), '2023-07-05').latest).toBe('5.0.0')
  })

  test('hidden where it was built with a tool that was not out, and so is what comes after it', () => {
    const manifests = {
      '1.0.0': {},
      '1.1.0': { devDependencies: { typescript: '^5.2.0' } },
      '1.1.1': {},
      '1.2.0': {},
      '2.0.0': {},
    }
    expect(visible('any', manifests, copied(Object.keys(manifests)), '2022-07-05').versions).toEqual(['1.0.0', '2.0.0'])
  })

  test('hidden where it is a type package that had dropped a TypeScript not yet two years old', () => {
    const manifests = { '1.0.0': { typeScriptVersion: '3.8' }, '1.0.1': { typeScriptVersion: '5.0' } }
    expect(visible('@types/any', manifests, copied(['1.0.0', '1.0.1']), '2022-07-05').latest).toBe('1.0.0')
  })

  test('hidden where a package that is released together with it is dated later', () => {
    const manifests = { '7.22.5': {}, '7.24.1': {} }
    const seen = visible('@babel/helper-anything', manifests, copied(Object.keys(manifests)), '2023-09-17')
    expect(seen.versions).toEqual(['7.22.5'])
    const needing = { '1.0.0': {}, '1.1.0': { devDependencies: { '@babel/preset-env': '^7.24.0' } } }
    expect(visible('anything', needing, copied(Object.keys(needing)), '2023-09-17').versions).toEqual(['1.0.0'])
  })

  test('hidden where its own line is dated later', () => {
    const manifests = { '4.7.4': {}, '4.8.2': {}, '5.0.2': {} }
    expect(visible('typescript', manifests, copied(Object.keys(manifests)), '2022-07-05').latest).toBe('4.7.4')
    expect(
      visible('@types/node', { '18.0.0': {}, '22.1.0': {} }, copied(['18.0.0', '22.1.0']), '2022-07-05').latest,
    ).toBe('18.0.0')
  })

  test('hidden where the date is in its name', () => {
    const manifests = { '1.0.0-dev.20220601': {}, '1.0.0-dev.20220801': {} }
    expect(visible('any', manifests, copied(Object.keys(manifests)), '2022-07-05').versions).toEqual([
      '1.0.0-dev.20220601',
    ])
  })

  test('dated by npm’s own note of the upload', () => {
    const upload = (day: string) => ({ _npmOperationalInternal: { tmp: `tmp/any_1.0.0_${Date.parse(day)}_0.12` } })
    const manifests = { '1.0.0': upload('2020-01-01'), '1.0.1': upload('2021-01-01') }
    expect(visible('any', manifests, copied(['1.0.0', '1.0.1']), '2020-06-01')).toEqual({
      versions: ['1.0.0'],
      latest: '1.0.0',
      unsure: false,
    })
  })
})

test('latest is never above the registry’s own, nor a prerelease while there is a release', () => {
  const time = { created: '2020-01-01T00:00:00Z', modified: '2024-01-01T00:00:00Z' }
  const manifests = { '1.0.0': {}, '2.0.0-beta.1': {}, '3.0.0': {}, '1.1.0': {} }
  const times = {
    '1.0.0': '2020-01-01T00:00:00Z',
    '2.0.0-beta.1': '2020-02-01T00:00:00Z',
    '3.0.0': '2020-03-01T00:00:00Z',
    '1.1.0': '2023-01-01T00:00:00Z',
  }
  expect(visible('any', manifests, { ...time, ...times }, '2022-01-01').latest).toBe('1.0.0')
})

test.each([
  ['5.0.0-dev.20220705', '2022-07-05'],
  ['4.0.0-nightly.202508271358', '2025-08-27'],
  ['0.0.0-20230101', '2023-01-01'],
  ['1.0.0-dev.20221399', null],
  ['1.0.0-beta.20', null],
  ['1.0.0', null],
])('the date in %s is %s', (version, day) => {
  expect(dateInPrerelease(version)).toBe(day === null ? null : Date.parse(day))
})

test('what is no packument is refused, a version without a tarball left out', () => {
  expect(() => condensePackument(Buffer.from('<html>'), 0)).toThrow(SyntaxError)
  expect(() => condensePackument(Buffer.from('{"name":"a","versions":{"1.0.0":{'), 0)).toThrow(SyntaxError)
  const document = {
    name: 'a',
    versions: {
      '0.1.0': { name: 'a', version: '0.1.0' },
      '1.0.0': { name: 'a', version: '1.0.0', dist: { tarball: 'x' }, engines: ['node'] },
    },
  }
  expect(Object.keys(condensePackument(Buffer.from(JSON.stringify(document, null, 2)), 0).versions)).toEqual(['1.0.0'])
})
