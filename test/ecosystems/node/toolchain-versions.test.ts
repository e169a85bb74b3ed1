import { describe, expect, test } from 'vitest'
import {
  installPlan,
  plugNPlayVariables,
  toolPath,
  withoutLifecycleScripts,
} from '../../../src/ecosystems/node/package-managers.ts'
import {
  nearestVersion,
  nodeLinesAt,
  nodeMeeting,
  nodeRange,
  npmRangeFor,
} from '../../../src/ecosystems/node/toolchain-versions.ts'

const summer = new Date('2022-07-05')

describe('what version files say of Node is read as of a date', () => {
  test.each([
    ['lts/*', '^16'],
    ['lts', '^16'],
    ['lts/-1', '^14'],
    ['lts/fermium', '^14'],
    ['lts/hydrogen', null],
    ['node', '^18'],
    ['latest', '^18'],
    ['v16.3.0', '16.3.0'],
    ['18', '>=18.0.0 <19.0.0-0'],
    ['16.x', '>=16.0.0 <17.0.0-0'],
    ['>=12', '>=12.0.0'],
    ['nonsense', null],
  ])('%s → %s', (wanted, range) => {
    expect(nodeRange(wanted, summer)).toBe(range)
  })
})

test('Node’s lines stand as they stood: started, long-term and maintained by that day', () => {
  const lines = nodeLinesAt(summer)
  expect(lines[0]).toEqual({ major: 18, codename: 'hydrogen', lts: false, maintained: true })
  expect(lines.filter((line) => line.lts && line.maintained).map((line) => line.major)).toEqual([16, 14])
})

test.each([
  ['4.9.1', '^2.15'],
  ['8.17.0', '^6'],
  ['14.21.3', '^6'],
  ['16.20.2', '^8'],
  ['18.0.0', '^8'],
  ['18.20.8', '^10'],
  ['20.18.0', '^10'],
  ['22.1.0', '^10'],
  ['24.0.0', '^11'],
])('Node %s brings npm %s', (node, range) => {
  expect(npmRangeFor(node)).toBe(range)
})

test.each([
  // 20.17.0 came on 2024-08-21, 20.18.0 on 2024-10-03, 22.9.0 on 2024-09-17.
  ['^20', '2024-09-30', '20.15.1'],
  ['^20', '2024-10-02', '20.17.0'],
  ['^20', '2024-12-30', '20.17.0'],
  ['20.18.0', '2024-10-04', '20.18.0'],
  ['>=20.16', '2024-08-30', '20.17.0'],
  ['>=18', '2024-10-02', '22.9.0'],
  ['^24', '2024-10-02', null],
])('%s on %s is Node %s', (range, day, expected) => {
  const versions = ['20.15.1', '20.16.0', '20.17.0', '20.18.0', '22.8.0', '22.9.0', '24.0.0']
  expect(nodeMeeting(versions, range, new Date(day))).toBe(expected)
})

test('the nearest of the versions that are to be had is of the same minor, else of the same major', () => {
  const versions = ['16.1.0', '16.3.2', '16.3.5', '16.20.2', '18.0.0']
  expect(nearestVersion(versions, '16.3.3')).toBe('16.3.5')
  expect(nearestVersion(versions, '16.3.9')).toBe('16.3.5')
  expect(nearestVersion(versions, '16.9.0')).toBe('16.20.2')
  expect(nearestVersion(versions, '17.0.0')).toBeNull()
})

describe('install commands', () => {
  const registry = 'http://127.0.0.1:4873'
  const managers = [
    ['npm', '6.14.18'],
    ['npm', '10.9.0'],
    ['pnpm', '8.15.9'],
    ['pnpm', '11.0.0'],
    ['yarn', '1.22.22'],
    ['yarn', '3.8.7'],
    ['yarn', '4.5.0'],
  ] as const

  test.each(managers)('of %s %s keep caches out of the repository and know the gateway alone', (name, version) => {
    const { commands } = installPlan(name, {
      version,
      lockfile: 'frozen',
      scripts: 'none',
      registry,
      linker: 'node-modules',
    })
    for (const command of commands) {
      expect(command.argv[0]).toBe(name)
      expect(JSON.stringify(command)).toContain(registry)
      expect(Object.values(command.variables).filter((value) => value.startsWith('/testbed'))).toEqual([])
    }
  })

  test('under Plug’n’Play keep the packages in the repository, where node reads them', () => {
    const { commands } = installPlan('yarn', {
      version: '4.5.0',
      lockfile: 'frozen',
      scripts: 'none',
      registry,
      linker: 'pnp',
    })
    expect(commands[0]?.variables.YARN_CACHE_FOLDER).toBe('/testbed/.yarn/cache')
    expect(plugNPlayVariables({ loader: true }).NODE_OPTIONS).toBe(
      '--require /testbed/.pnp.cjs --experimental-loader /testbed/.pnp.loader.mjs',
    )
  })

  test('an old npm without `ci` installs by its lockfile', () => {
    expect(
      installPlan('npm', { version: '3.10.10', lockfile: 'frozen', scripts: 'all', registry }).commands[0]?.argv,
    ).toEqual(['npm', 'install', '--no-save'])
  })
})

test('tools come before the root’s own programs', () => {
  expect(toolPath(['npm', 'node'])).toBe('/env/npm/bin:/env/node/bin:/usr/local/bin:/usr/bin:/bin')
})

test('a manifest loses what installs would start of themselves, and keeps its shape', () => {
  const manifest =
    '{\n  "name": "a",\n  "scripts": {\n    "prepare": "husky",\n    "test": "ava",\n    "postinstall": "x"\n  }\n}\n'
  expect(JSON.parse(withoutLifecycleScripts(manifest))).toEqual({ name: 'a', scripts: { test: 'ava' } })
  expect(withoutLifecycleScripts('{"name":"a"}')).toBe('{"name":"a"}')
})
