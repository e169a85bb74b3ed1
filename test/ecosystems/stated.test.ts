import { expect, test } from 'vitest'
import { proposalsOf } from '../../src/ecosystems/index.ts'
import type { Ecosystem, Proposal, ProposeContext } from '../../src/ecosystems/types.ts'
import type { EnvironmentSettings } from '../../src/model/index.ts'
import type { Invocation } from '../../src/test-frameworks/types.ts'
import { contextOf } from './node/memory-tree.ts'

const files = {
  'package.json': {},
  'src/a.js': '',
  'test/a.js': '',
  'packages/b/test/b.js': '',
  Makefile: 'check:\n\tmocha test\n',
}
const context: ProposeContext = contextOf(files, ['src/a.js'], ['test/a.js'])
const command = (...argv: string[]) => ({ argv, directory: '.', variables: { HOW: 'its own' } })
const runs = (program: string, directory = '.'): Invocation => ({
  ...{ program, arguments: [], nodeArguments: [], variables: {}, directory, from: 'its own' },
})

function proposal(name: string): Proposal {
  return {
    strategy: {
      ...{
        name,
        ecosystem: 'node',
        toolchain: { node: '18.19.0', npm: '10.9.9' },
        install: [command('install', name)],
      },
      ...{ build: [command('build')], overrides: [{ path: 'a', content: name }], variables: {}, asOf: null },
      ...{ flags: [], evidence: ['its own'] },
    },
    invocations: [runs('mocha'), runs('jest', 'packages/b')],
    project: (directory) => ({
      directory,
      paths: Object.keys(files),
      read: async () => null,
      lockedVersion: () => null,
    }),
  }
}

/** One that knows nothing of settings; of Node, so that there are frameworks to be named. */
const ecosystem = {
  ...{ name: 'node', languages: ['javascript'], tools: ['node', 'npm'] },
  propose: async ({ stated }: ProposeContext) => (stated === null ? [proposal('frozen'), proposal('as-of')] : []),
} as Partial<Ecosystem> as Ecosystem
const laid = (stated: EnvironmentSettings) => proposalsOf(ecosystem, { ...context, stated })

test("the owners' install is a strategy of its own before the others, keyed by the whole tree", async () => {
  const [own, ...others] = await laid({ install: ['make deps && true'], directory: 'packages/b' })
  expect(own?.strategy).toMatchObject({
    name: 'quarry-yml',
    install: [
      {
        argv: ['sh', '-c', 'make deps && true'],
        directory: 'packages/b',
        variables: { HOW: 'its own', QUARRY_TREE: context.tree.tree },
      },
    ],
    ...{ overrides: [], flags: [], asOf: context.mergedAt.toISOString() },
    stated: { 'environment.install': ['make deps && true'], 'environment.directory': 'packages/b' },
  })
  expect(others.map(({ strategy }) => strategy.name)).toEqual(['frozen', 'as-of'])
  for (const { strategy } of others) {
    expect(strategy.flags).toEqual(['settings-not-followed'])
    expect(strategy.evidence.at(-1)).toContain('environment.install')
    expect(strategy.stated).toEqual({ 'environment.directory': 'packages/b' })
  }
})

test('their versions, builds and tests are in every strategy', async () => {
  const all = await laid({ toolchain: { node: '20' }, build: [], test: { command: 'make check' } })
  expect(all).toHaveLength(2)
  for (const { strategy, invocations } of all) {
    expect(strategy).toMatchObject({ toolchain: { node: '20.18.3', npm: '10.9.9' }, build: [], flags: [] })
    expect(strategy.evidence).toContain('node 20.18.3 ← .github/quarry.yml (20)')
    expect(invocations).toMatchObject([{ program: 'mocha', arguments: ['test'], directory: '.' }])
    expect(invocations[0]?.from).toContain('Makefile')
  }
})

test.each<[string, EnvironmentSettings, string[]]>([
  ['of a framework', { test: { framework: 'jest' } }, ['jest packages/b']],
  ['in a folder', { directory: 'packages/b/' }, ['jest packages/b']],
  ['everywhere', { toolchain: { node: '20' } }, ['mocha .', 'jest packages/b']],
])('of the tests that it shows, those %s stay', async (_, stated, expected) => {
  for (const { invocations } of await laid(stated))
    expect(invocations.map(({ program, directory }) => `${program} ${directory}`)).toEqual(expected)
})

test.each<[string, EnvironmentSettings, string, string]>([
  ['a version that is not to be had', { toolchain: { node: '99' } }, 'toolchain-not-available', 'node 99'],
  ['a framework that is none', { test: { framework: 'nose' } }, 'no-test-framework', 'known: vitest'],
  [
    'a framework that nothing starts',
    { test: { framework: 'ava' } },
    'no-test-framework',
    'add environment.test.command',
  ],
  [
    'a command that starts none',
    { test: { command: 'make nothing' } },
    'no-test-framework',
    'it does not start one of',
  ],
  ['a folder that is not there', { directory: 'gone' }, 'no-test-framework', 'there is no such folder'],
])('%s is said by a failed attempt before all, and flagged on the rest', async (_, stated, reason, detail) => {
  const [failed, ...others] = await laid(stated)
  expect(failed?.strategy.name).toBe('quarry-yml')
  expect(failed?.unfollowed).toMatchObject({ reason, evidence: { detail: expect.stringContaining(detail) } })
  expect(others.map(({ strategy }) => strategy.name)).toEqual(['frozen', 'as-of'])
  for (const { strategy, invocations } of others) {
    expect(strategy.flags).toEqual(['settings-not-followed'])
    expect(invocations).toHaveLength(2)
  }
})

test('settings that name the tools of another ecosystem are not meant', async () => {
  for (const stated of [{ toolchain: { python: '3.12' } }, null]) {
    const all = await proposalsOf(ecosystem, { ...context, stated })
    expect(all.map(({ strategy }) => strategy)).toEqual([proposal('frozen').strategy, proposal('as-of').strategy])
  }
})
