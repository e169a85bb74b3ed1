import { describe, expect, test } from 'vitest'
import { ecosystems } from '../../src/ecosystems/index.ts'
import type { Ecosystem, ProposeContext } from '../../src/ecosystems/types.ts'
import { keptInLayer } from '../../src/environment/layer-rules.ts'
import { recognises } from '../../src/test-frameworks/index.ts'
import { memoryTree } from '../memory-tree.ts'
import { type Specimen, specimens } from './specimens.ts'

const contextOf = (specimen: Specimen, files = specimen.files, versions = specimen.versions): ProposeContext => ({
  tree: memoryTree(files),
  changedPaths: specimen.changed,
  testPaths: specimen.tests,
  mergedAt: new Date('2024-12-20T12:00:00Z'),
  tag: 'v1.0.0',
  tools: { resolveVersion: async (name) => versions[name] ?? null },
  recognises,
  gateway: 'http://127.0.0.1:4873',
})

test('no two have a name, a language or a tool in common, and each has a specimen', () => {
  for (const all of [
    ecosystems.map(({ name }) => name),
    ecosystems.flatMap(({ languages }) => languages),
    ecosystems.flatMap(({ tools }) => tools),
  ])
    expect(new Set(all).size).toBe(all.length)
  expect(specimens.map(({ ecosystem }) => ecosystem).toSorted()).toEqual(ecosystems.map(({ name }) => name).toSorted())
})

for (const specimen of specimens) {
  const found = ecosystems.find(({ name }) => name === specimen.ecosystem)
  if (found === undefined) throw new Error(`no ecosystem ${specimen.ecosystem}`)
  describe(specimen.ecosystem, () => keepsItsPromises(found, specimen))
}

function keepsItsPromises(ecosystem: Ecosystem, specimen: Specimen): void {
  const tree = memoryTree(specimen.files)
  const proposals = async () => await ecosystem.propose(contextOf(specimen))

  test('finds its own projects, and none where there is nothing', () => {
    expect(ecosystem.detect(tree)).toBe(true)
    for (const files of [{}, { 'README.md': '# Sample\n', LICENSE: 'x', 'docs/index.md': 'x' }])
      expect(ecosystem.detect(memoryTree(files))).toBe(false)
    const others = specimens.filter(({ ecosystem: name }) => name !== ecosystem.name)
    expect(
      others.filter(({ files }) => ecosystem.detect(memoryTree(files))).map(({ ecosystem: name }) => name),
    ).toEqual([])
  })

  test('proposes what some framework runs, from exact tools of its own', async () => {
    const list = await proposals()
    const [first] = list
    expect(first?.unfollowed).toBeUndefined()
    const known = await Promise.all(
      (first?.invocations ?? []).map((each) => recognises(each, first?.project(each.directory) ?? viewOf())),
    )
    expect(known).toContain(true)
    expect(new Set(list.map(({ strategy }) => strategy.name)).size).toBe(list.length)
    for (const { strategy } of list) {
      expect(strategy.ecosystem).toBe(ecosystem.name)
      expect(strategy.install.length).toBeGreaterThan(0)
      for (const [tool, version] of Object.entries(strategy.toolchain)) {
        expect(ecosystem.tools).toContain(tool)
        expect(version).toBe(specimen.versions[tool])
      }
    }
  })

  test('says where each tool and the tests come from', async () => {
    for (const { strategy } of await proposals()) {
      for (const line of strategy.evidence) expect(line.trim()).not.toBe('')
      // Helpers that come with another tool, or that the machine chooses, need no line of their own.
      const [main] = Object.keys(strategy.toolchain)
      expect(strategy.evidence.find((line) => line.startsWith(`${main} `))).toMatch(/ ← | stands in for /)
    }
  })

  test('leads nowhere but to the gateway, and stays below the repository', async () => {
    for (const { strategy, invocations } of await proposals()) {
      const addresses = JSON.stringify(strategy).match(/\b(?:https?|git|ssh):\/\/[^\s"'\\]+/g) ?? []
      expect(addresses.filter((address) => !/^https?:\/\/(?:127\.0\.0\.1|\$)/.test(address))).toEqual([])
      for (const { directory } of [...strategy.install, ...strategy.build, ...invocations])
        expect(directory).not.toMatch(/^\/|(?:^|\/)\.\.(?:\/|$)/)
      for (const { argv } of [...strategy.install, ...strategy.build]) expect(argv.length).toBeGreaterThan(0)
      for (const { path } of strategy.overrides) expect(path).not.toMatch(/^\/|(?:^|\/)\.\.(?:\/|$)/)
    }
  })

  test('proposes the same twice', async () => {
    const strategies = async () => (await proposals()).map(({ strategy, invocations }) => ({ strategy, invocations }))
    expect(await strategies()).toEqual(await strategies())
  })

  test('has a key of whatever an install reads, and of nothing else', async () => {
    const paths = await ecosystem.keyPaths(tree)
    expect(paths).toEqual(expect.arrayContaining([...specimen.manifests]))
    expect(paths.filter((path) => !tree.has(path) || [...specimen.changed, ...specimen.tests].includes(path))).toEqual(
      [],
    )
    const content = (path: string, text: string) => ecosystem.keyContent(path, text)
    const edited = ([path, from, to]: readonly [string, string, string]): readonly [string, string] => {
      const text = specimen.files[path] ?? ''
      expect(text).toContain(from)
      return [content(path, text), content(path, text.replace(from, to))]
    }
    for (const edit of specimen.idleEdits) expect(edited(edit)[0]).toBe(edited(edit)[1])
    for (const edit of specimen.tellingEdits) expect(edited(edit)[0]).not.toBe(edited(edit)[1])
  })

  test('keeps dependencies in a layer, and nothing that is of the repository or made from it', async () => {
    const rules = [{ kept: ecosystem.layerPaths, derived: await ecosystem.derivedPaths(tree) }]
    // No tracked path at all: the globs alone must not reach for sources, such as a file that comes with a fix.
    const isKept = keptInLayer(rules, new Set())
    expect(specimen.kept.filter((path) => !isKept(path, false))).toEqual([])
    expect(specimen.derived.filter((path) => isKept(path, false))).toEqual([])
    const sources = specimens.flatMap(({ files }) => Object.keys(files))
    expect(sources.filter((path) => isKept(path, false))).toEqual([])
  })

  test('explains what an install prints', () => {
    for (const [log, reason, detail] of specimen.logs) {
      const said = ecosystem.explain(`Working …\n${log}\n`)
      expect([log, said.reason]).toEqual([log, reason])
      expect(said.detail).toMatch(detail)
    }
    expect(ecosystem.explain('some words\nerror: the last of them\n')).toMatchObject({
      reason: 'install-failed',
      detail: expect.stringContaining('the last of them'),
    })
    expect(ecosystem.explain('').reason).toBe('install-failed')
    expect(ecosystem.explain(`${'x'.repeat(50_000)}\n`.repeat(3)).detail.length).toBeLessThan(2000)
  })

  test('throws nothing for manifests that nobody can read', async () => {
    for (const files of specimen.broken) {
      const broken = memoryTree({ ...files, ...Object.fromEntries(specimen.tests.map((path) => [path, '\0'])) })
      const list = await ecosystem.propose({ ...contextOf(specimen), tree: broken })
      for (const { unfollowed } of list) if (unfollowed !== undefined) expect(unfollowed.evidence.detail).not.toBe('')
      await Promise.all([ecosystem.keyPaths(broken), ecosystem.derivedPaths(broken), ecosystem.needs(broken)])
      for (const [path, text] of Object.entries(files)) expect(typeof ecosystem.keyContent(path, text)).toBe('string')
    }
    expect(Array.isArray(await ecosystem.propose({ ...contextOf(specimen), tree: memoryTree({}) }))).toBe(true)
  })

  test('says in words which tool the machine lacks', async () => {
    const list = await ecosystem.propose(contextOf(specimen, specimen.files, {}))
    for (const { unfollowed } of list) {
      expect(unfollowed?.reason).toBe('toolchain-not-available')
      expect(unfollowed?.evidence.detail).toMatch(new RegExp(`^(?:${ecosystem.tools.join('|')})\\b`))
    }
  })
}

function viewOf() {
  return { directory: '.', paths: [], read: async () => null, lockedVersion: () => null }
}
