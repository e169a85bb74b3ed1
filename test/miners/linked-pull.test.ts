import { describe, expect, it } from 'vitest'
import type { MinerContext } from '../../miners/index.ts'
import { LIMITS, linkedPull } from '../../miners/linked-pull.ts'
import { change, context } from './context.ts'

const good = [change('src/a.js'), change('test/a.test.js')]
const outcomeOf = (given: MinerContext) => linkedPull.propose(given)
const reasonOf = async (given: MinerContext) => {
  const outcome = await outcomeOf(given)
  return 'refused' in outcome ? outcome.refused : 'proposed'
}

describe('linked-pull proposes', () => {
  it('a pull that closes an issue and changes source and tests', async () => {
    expect(await outcomeOf(context({}, good))).toEqual({
      proposed: {
        base: '0'.repeat(40),
        after: 'a'.repeat(40),
        evidence: { closes: [7], kinds: { source: 1, test: 1 } },
      },
    })
  })

  it.each(['v2', '1.x', '2.4', 'release/3.0', 'release-3', 'next', 'stable', 'maint-1', '4.x-lts'])(
    'one merged into %s',
    async (baseRef) => {
      expect(await reasonOf(context({ baseRef }, good))).toBe('proposed')
    },
  )

  it('one whose tests are fixtures or snapshots only', async () => {
    expect(await reasonOf(context({}, [change('src/a.ts'), change('test/fixtures/in.txt')]))).toBe('proposed')
    expect(await reasonOf(context({}, [change('src/a.ts'), change('src/__snapshots__/a.test.ts.snap')]))).toBe(
      'proposed',
    )
  })

  it('one that deletes a binary file of the source', async () => {
    const gone = change('src/logo.png', { status: 'deleted', newBlob: null })
    expect(await reasonOf(context({}, [...good, gone], { lines: { 'src/logo.png': null } }))).toBe('proposed')
  })
})

describe('linked-pull refuses', () => {
  it.each([
    ['bot', context({ user: { login: 'x', type: 'Bot' } }, good)],
    ['bot', context({ user: { login: 'renovate[bot]', type: 'User' } }, good)],
    ['bot', context({ user: { login: 'greenkeeperio-bot', type: 'User' } }, good)],
    ['no-linked-issue', context({ closes: [] }, good)],
    ['backport', context({ title: '[backport] Round half up' }, good)],
    ['backport', context({ title: 'Backport #12 to v1' }, good)],
    ['backport', context({ labels: ['backport'] }, good)],
    ['backport', context({ body: 'Fixes #7\n\n(cherry picked from commit 0123456789abcdef)' }, good)],
    ['not-a-release-branch', context({ baseRef: 'bob/feature' }, good)],
    ['not-a-release-branch', context({ baseRef: 'released-widgets' }, good)],
    ['later-reverted', context({}, good, { revertedBy: 'c'.repeat(40) })],
    ['submodule-change', context({}, [...good, change('vendor/x', { newMode: '160000' })])],
    ['only-test-change', context({}, [change('test/a.test.js'), change('README.md')])],
    ['no-source-change', context({}, [change('README.md')])],
    ['no-source-change', context({}, [change('package.json'), change('package-lock.json'), change('test/a.test.js')])],
    ['no-test-change', context({}, [change('src/a.js'), change('README.md')])],
    ['unsupported-language', context({}, [change('src/a.scala'), change('tests/ASpec.scala')])],
    ['binary-source-change', context({}, [...good, change('src/a.wasm')], { lines: { 'src/a.wasm': null } })],
    [
      'too-large',
      context({}, [...good, ...Array.from({ length: LIMITS.sourceFiles }, (_, n) => change(`src/${n}.js`))]),
    ],
    [
      'too-large',
      context({}, [...good, ...Array.from({ length: LIMITS.paths }, (_, n) => change(`test/fixtures/${n}.txt`))]),
    ],
    ['too-large', context({}, good, { lines: { 'src/a.js': { added: LIMITS.sourceLines, deleted: 1 } } })],
    ['too-large', context({}, good, { lines: { 'test/a.test.js': { added: LIMITS.testLines, deleted: 1 } } })],
  ] as const)('%s', async (reason, given) => {
    expect(await reasonOf(given)).toBe(reason)
  })

  it('without a look into the files where the paths tell already', async () => {
    const sizes = () => Promise.reject(new Error('the files were looked into'))
    expect(await reasonOf(context({}, [change('README.md')], { sizes }))).toBe('no-source-change')
  })

  it('no person for a name like a service’s', async () => {
    for (const login of ['mendel', 'botond', 'renovator', 'robot']) {
      expect(await reasonOf(context({ user: { login, type: 'User' } }, good))).toBe('proposed')
    }
  })
})

it('a source file with tests inside is a test change, too', async () => {
  const pull = context({}, [change('src/a.js')], { mixedPaths: () => Promise.resolve(['src/a.js']) })
  expect(await linkedPull.propose(pull)).toHaveProperty('proposed')
})

describe("linked-pull goes by the owners' word on paths", () => {
  const stated = (test: readonly string[], ignore: readonly string[]) => ({ statedPaths: { test, ignore } })

  it('a test in an unusual place', async () => {
    const changes = [change('src/a.js'), change('checks/a.js')]
    expect(await reasonOf(context({}, changes))).toBe('no-test-change')
    expect(await outcomeOf(context({}, changes, stated(['checks/**'], [])))).toMatchObject({
      proposed: { evidence: { kinds: { source: 1, test: 1 } } },
    })
  })

  it.each([
    [['src/**'], 'only-test-change'],
    [['test/**'], 'no-test-change'],
    [['**'], 'no-source-change'],
    [['other/**'], 'proposed'],
  ])('with %j ignored: %s', async (ignore, reason) => {
    expect(await reasonOf(context({}, good, stated([], ignore)))).toBe(reason)
  })

  it('ignored sources do not make a pull too large, and their tests inside do not count', async () => {
    const many = Array.from({ length: LIMITS.sourceFiles + 1 }, (_, at) => change(`copy/${at}.js`))
    expect(await reasonOf(context({}, [...good, ...many]))).toBe('too-large')
    expect(await reasonOf(context({}, [...good, ...many], stated([], ['copy/**'])))).toBe('proposed')
    const mixed = { ...stated([], ['copy/**']), mixedPaths: () => Promise.resolve(['copy/1.js']) }
    expect(await reasonOf(context({}, [change('src/a.js'), ...many], mixed))).toBe('no-test-change')
  })
})
