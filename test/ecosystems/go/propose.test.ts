import semver from 'semver'
import { describe, expect, test } from 'vitest'
import { explainGo } from '../../../src/ecosystems/go/explain.ts'
import { readGoMod, readGoWork } from '../../../src/ecosystems/go/go-mod.ts'
import { importPathOf } from '../../../src/ecosystems/go/import-path.ts'
import { go } from '../../../src/ecosystems/go/index.ts'
import { goVariables } from '../../../src/ecosystems/go/installs.ts'
import { lockedModules } from '../../../src/ecosystems/go/locked.ts'
import { releaseTime } from '../../../src/ecosystems/go/release-times.ts'
import { goName, goRange, goSemver } from '../../../src/ecosystems/go/versions.ts'
import type { ProposeContext, ToolVersions } from '../../../src/ecosystems/types.ts'
import { contextOf, memoryTree } from '../node/memory-tree.ts'

const releases = ['1.14.15', '1.19.13', '1.20.14', '1.21.13', '1.22.5', '1.23.4']
const tools: ToolVersions = {
  resolveVersion: async (name, wanted) => {
    const range = goRange(wanted)
    return name !== 'go' || range === null ? null : semver.maxSatisfying([...releases], range)
  },
}

const context = (
  files: Readonly<Record<string, unknown>>,
  changed: readonly string[] = ['a_test.go'],
): ProposeContext => ({
  ...contextOf(
    files,
    changed,
    changed.filter((path) => path.endsWith('_test.go')),
  ),
  tools,
})
const propose = (files: Readonly<Record<string, unknown>>, changed?: readonly string[]) =>
  go.propose(context(files, changed))
const workflow = (steps: string, matrix = '["1.21.x", "1.22.x"]') =>
  `jobs:\n  test:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        go: ${matrix}\n    steps:\n      - uses: actions/setup-go@v5\n        with:\n          go-version: \${{ matrix.go }}\n      - run: ${steps}\n`

describe('which Go', () => {
  const versionOf = async (files: Readonly<Record<string, unknown>>) => (await propose(files))[0]?.strategy.toolchain

  test('the toolchain line goes before all', async () => {
    const mod = 'module example.com/a\n\ngo 1.21\n\ntoolchain go1.21.13\n'
    expect(await versionOf({ 'go.mod': mod, '.github/workflows/ci.yml': workflow('go test ./...') })).toEqual({
      go: '1.21.13',
    })
  })

  test('then the newest of the tests in CI', async () => {
    const files = {
      'go.mod': 'module example.com/a\n\ngo 1.20\n',
      '.github/workflows/ci.yml': workflow('go test ./...'),
    }
    expect(await versionOf(files)).toEqual({ go: '1.22.5' })
    const [first, ...others] = await propose(files)
    expect(first?.strategy.evidence[0]).toBe('go 1.22.5 ← .github/workflows/ci.yml job test')
    expect(new Set(others.map(({ strategy }) => strategy.toolchain.go))).toEqual(
      new Set(['1.22.5', '1.21.13', '1.23.4']),
    )
  })

  test('none that is older than the go line', async () => {
    const files = { 'go.mod': 'module example.com/a\n\ngo 1.22.0\n', '.travis.yml': 'language: go\ngo: ["1.14.x"]\n' }
    expect(await versionOf(files)).toEqual({ go: '1.23.4' })
  })

  test('the newest of the day where nothing is said', async () => {
    expect(await versionOf({ 'go.mod': 'module example.com/a\n' })).toEqual({ go: '1.23.4' })
  })

  test('what can not be had is said in words', async () => {
    const [only, ...others] = await propose({ 'go.mod': 'module example.com/a\n\ngo 1.99\n' })
    expect(others).toEqual([])
    expect(only?.unfollowed).toEqual({ reason: 'toolchain-not-available', evidence: { detail: 'go 1.99' } })
  })
})

describe('which tests', () => {
  const mod = { 'go.mod': 'module example.com/a\n\ngo 1.21\n' }

  test('with the flags that CI builds them by, through make', async () => {
    const files = {
      ...mod,
      Makefile: 'test:\n\tgo test -race -v -tags=integration ./...\n',
      '.github/workflows/ci.yml': workflow('make test'),
    }
    const [first] = await propose(files)
    expect(first?.invocations).toMatchObject([{ program: 'go', arguments: ['test', '-tags=integration', './...'] }])
  })

  test('in the modules that hold the tests of the change', async () => {
    const files = { ...mod, 'sub/go.mod': 'module example.com/a/sub\n\ngo 1.21\n', 'sub/testdata/go.mod': 'module x\n' }
    expect((await propose(files, ['sub/x_test.go']))[0]?.invocations.map(({ directory }) => directory)).toEqual(['sub'])
    const both = await propose(files, ['sub/x_test.go', 'y_test.go'])
    expect(both[0]?.invocations.map(({ directory }) => directory)).toEqual(['.', 'sub'])
  })

  test('a module that the workspace leaves out is tested by itself', async () => {
    const files = { ...mod, 'sub/go.mod': 'module example.com/a/sub\n', 'go.work': 'go 1.21\nuse .\n' }
    expect((await propose(files, ['sub/x_test.go']))[0]?.strategy.variables.GOWORK).toBe('off')
    expect((await propose(files, ['x_test.go']))[0]?.strategy.variables.GOWORK).toBeUndefined()
  })

  test('where all is too much, the packages of the change and those that import them', async () => {
    const files = {
      ...mod,
      'core/a.go': 'package core\n',
      'core/a_test.go': 'package core\n',
      'mid/b.go': 'package mid\n\nimport "example.com/a/core"\n',
      'top/c.go': 'package top\n\nimport (\n\t"fmt"\n\n\tx "example.com/a/mid"\n)\n',
      'other/d.go': 'package other\n',
    }
    const narrow = (await propose(files, ['core/a_test.go'])).find(
      ({ strategy }) => strategy.name === 'modules-touched',
    )
    expect(narrow?.invocations[0]?.arguments).toEqual(['test', './core', './mid', './top'])
  })
})

test('what CI sets for its own checkout does not reach the tests; of its GOFLAGS what decides how they are built', async () => {
  const steps = '      - uses: actions/setup-go@v5\n      - run: go test -short ./...\n'
  const job = `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    env: { GO111MODULE: "off", GOFLAGS: -tags=slow -p=2, GREETING: hi }\n    steps:\n${steps}`
  const [first] = await propose({
    'go.mod': 'module example.com/a\n\ngo 1.21\n',
    'a_test.go': 'package a\n',
    '.github/workflows/ci.yml': job,
  })
  expect(first?.invocations[0]?.variables).toEqual({ GREETING: 'hi' })
  expect(first?.invocations[0]?.arguments).toEqual(['test', '-tags=slow', '-short', './...'])
})

test('a repository from before modules gets a go.mod, by the path that its own code imports', async () => {
  const files = {
    'a.go': 'package shop\n\nimport (\n\t"fmt"\n\t"example.org/ada/shop/cart"\n\t"example.org/bob/cart"\n)\n',
    'cart/cart.go': 'package cart\n\nimport "example.org/ada/shop/cart/line"\n',
    'cart/line/line.go': 'package line\n',
    'vendor/example.org/x/y/y.go': 'package y\n\nimport "example.org/x/y/cart"\n',
  }
  expect(await importPathOf(memoryTree(files))).toBe('example.org/ada/shop')
  const [first] = await propose(files)
  expect(first?.strategy).toMatchObject({ name: 'made', asOf: '2024-12-20T12:00:00.000Z' })
  expect(first?.strategy.install[0]?.argv.slice(-2)).toEqual(['example.org/ada/shop', '1.23'])
})

describe('what a lockfile from before modules names', () => {
  const one = 'cbeaeb16a013161a98496fad62933b1d21786672'
  const two = '04cdfd42973bb9c8589fd6a731800cf222fde1a9'
  const both = [
    { path: 'github.com/bob/objects', revision: one },
    { path: 'gopkg.in/yaml.v2', revision: two },
  ]
  test.each<[string, string]>([
    [
      'Gopkg.lock',
      `[[projects]]\n  name = "github.com/bob/objects"\n  packages = ["."]\n  revision = "${one}"\n  version = "v1.1"\n\n[[projects]]\n  name = "gopkg.in/yaml.v2"\n  revision = "${two}"\n`,
    ],
    [
      'glide.lock',
      `hash: 7f\nimports:\n- name: github.com/bob/objects\n  version: ${one}\ntestImports:\n- name: gopkg.in/yaml.v2\n  version: ${two}\n`,
    ],
    [
      'Godeps/Godeps.json',
      JSON.stringify({
        ImportPath: 'github.com/ada/shop',
        Deps: [
          { ImportPath: 'github.com/bob/objects/inner', Comment: 'v1', Rev: one },
          { ImportPath: 'gopkg.in/yaml.v2', Rev: two },
        ],
      }),
    ],
    [
      'vendor/vendor.json',
      JSON.stringify({
        package: [
          { path: 'github.com/bob/objects', revision: one },
          { path: 'github.com/bob/objects/inner', revision: one },
          { path: 'gopkg.in/yaml.v2', revision: two },
        ],
      }),
    ],
  ])('is read out of %s', async (path, text) => {
    expect(await lockedModules(memoryTree({ [path]: text }), 'github.com/ada/shop')).toEqual({
      from: path,
      modules: both,
    })
  })

  test('is nothing where it can not be read, or names only the repository itself, branches and hosts of their own ways', async () => {
    const lockedOf = (files: Readonly<Record<string, unknown>>) =>
      lockedModules(memoryTree(files), 'github.com/ada/shop')
    expect(await lockedOf({ 'Gopkg.lock': '[[projects' })).toBeNull()
    expect(await lockedOf({ 'Godeps/Godeps.json': '{"Deps": 7}' })).toBeNull()
    const packages = [
      { path: 'github.com/ada/shop/inner', revision: one },
      { path: 'github.com/bob/objects', revision: 'master' },
      { path: 'example.org/x', revision: one },
      { path: 'github.com/bob/labels', origin: 'github.com/ada/labels', revision: one },
      { path: 'github.com/bob/la bels\u0000', revision: one },
    ]
    expect(await lockedOf({ 'vendor/vendor.json': JSON.stringify({ package: packages }) })).toBeNull()
  })

  test('goes into the go.mod that is tried first', async () => {
    const godeps = JSON.stringify({ Deps: [{ ImportPath: 'github.com/bob/objects', Rev: one }] })
    const files = { 'shop.go': 'package shop\n', 'Godeps/Godeps.json': godeps }
    const [first, second] = await propose(files)
    expect(first?.strategy).toMatchObject({
      name: 'made-locked',
      evidence: expect.arrayContaining(['versions ← Godeps/Godeps.json, where the proxy has them']),
    })
    expect(first?.strategy.install[0]?.argv.slice(-2)).toEqual(['1.23', `github.com/bob/objects@${one}`])
    expect(second?.strategy.name).toBe('made')
    expect(second?.strategy.install[0]?.argv.at(-1)).toBe('1.23')
  })
})

test('a Go that knows no flag by which go.mod is brought up to date, as it is anyway, gets none', () => {
  expect(goVariables('1.13.15', 'mod').GOFLAGS).toBe('')
  expect(goVariables('1.14.0', 'mod').GOFLAGS).toBe('-modcacherw -mod=mod')
  expect(goVariables('1.22.5', null).GOFLAGS).toBe('-modcacherw -buildvcs=false')
})

test('where only its inner packages import the one at the root, that is its path; where nothing does, it is given one', async () => {
  const inner = { 'shop.go': 'package shop\n', 'cart/cart.go': 'package cart\n\nimport "example.org/ada/shop"\n' }
  expect(await importPathOf(memoryTree(inner))).toBe('example.org/ada/shop')
  const called = {
    'gen.go': 'package main\n',
    ...inner,
    'cart/cart.go': 'package cart\n\nimport "example.org/ada/go-shop"\n',
  }
  expect(await importPathOf(memoryTree(called))).toBe('example.org/ada/go-shop')
  const others = Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [`${name}/x.go`, `package ${name}\n\nimport "example.org/bob/shop"\n`]),
  )
  const own = { ...inner, ...others, 'cart/cart.go': 'package cart\n\nimport "example.org/ada/shop/a"\n' }
  expect(await importPathOf(memoryTree(own))).toBe('example.org/ada/shop')
  const lone = { 'shop.go': 'package shop\n\nimport "fmt"\n', 'shop_test.go': 'package shop\n' }
  const asking = { ...lone, 'cmd/x.go': 'package main\n\nimport "example.org/ada/store"\n' }
  expect(await importPathOf(memoryTree(asking))).toBeNull()
  expect(await propose(asking)).toEqual([])
  expect((await propose(lone))[0]?.strategy.install[0]?.argv.at(-2)).toBe('repository.invalid/unnamed')
})

test('go.mod and go.work are read in all their spellings', () => {
  const text = `module "example.com/a" // it
go 1.21.3
toolchain go1.22.1
require example.com/b v1.0.0 // indirect
require (
\texample.com/c v2.0.0+incompatible
)
replace example.com/d v1.0.0 => ../d
replace (
\texample.com/e => example.com/f v1.0.0
)
`
  expect(readGoMod(text)).toEqual({
    module: 'example.com/a',
    go: '1.21.3',
    toolchain: '1.22.1',
    requires: [
      { name: 'example.com/b', version: 'v1.0.0' },
      { name: 'example.com/c', version: 'v2.0.0+incompatible' },
    ],
    localReplacements: ['../d'],
  })
  expect(readGoMod('}{ module\n(((\n\0').module).toBeNull()
  expect(readGoWork('go 1.22\nuse (\n\t.\n\t./b\n)\nuse ./c\n')).toEqual(['.', './b', './c'])
})

test("Go's own names of releases, and the order among them", () => {
  expect(['1.20', '1.20.1', '1.21.0', '1.22rc1', 'go1.9'].map(goSemver)).toEqual([
    '1.20.0',
    '1.20.1',
    '1.21.0',
    '1.22.0-rc.1',
    '1.9.0',
  ])
  expect(['1.20.0', '1.20.1', '1.21.0', '1.22.0-rc.1'].map(goName)).toEqual(['1.20', '1.20.1', '1.21.0', '1.22rc1'])
  expect(goRange('1.x')).toBe('>=1.0.0 <2.0.0-0')
  expect(goRange('tip of the day')).toBeNull()
})

test('a time that a release can not have had is the time of a copy', () => {
  const late = Date.parse('2023-05-21T18:14:17Z')
  expect(new Date(releaseTime('1.12.0', late)).toISOString()).toBe('2019-02-25T00:00:00.000Z')
  expect(releaseTime('1.12.17', late)).toBe(Date.parse('2020-02-25'))
  expect(releaseTime('1.20.4', late)).toBe(late)
})

test.each([
  ['go: go.mod requires go >= 1.99 (running go 1.23.4; GOTOOLCHAIN=local)', 'toolchain-not-available', 'go >= 1.99'],
  [
    'go: example.com/x@v1.2.3: reading http://127.0.0.1:4873/~go/example.com/x/@v/v1.2.3.mod: 404 Not Found',
    'package-not-available',
    'example.com/x@v1.2.3',
  ],
  ['a.go:3:8: no required module provides package example.com/y; to add it:', 'package-not-available', 'example.com/y'],
  [
    'go: errors parsing go.mod:\n/testbed/go.mod:3: unknown directive: nonsense',
    'install-failed',
    'errors parsing go.mod:\n/testbed/go.mod:3: unknown directive: nonsense',
  ],
  [
    'verifying example.com/x@v1.0.0: checksum mismatch\n\tdownloaded: h1:a',
    'install-failed',
    'verifying example.com/x@v1.0.0: checksum mismatch',
  ],
])('an install that ends with %s', (log, reason, detail) => {
  expect(explainGo(log)).toEqual({ reason, detail })
})
