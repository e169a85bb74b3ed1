import { expect, test } from 'vitest'
import { involvedEcosystems } from '../../src/ecosystems/index.ts'
import type { Ecosystem } from '../../src/ecosystems/types.ts'
import type { PathKind, TreeReader } from '../../src/model/index.ts'

const made = (name: string, language: string, manifest: string) =>
  ({ name, languages: [language], detect: (tree: TreeReader) => tree.has(manifest) }) as Partial<Ecosystem> as Ecosystem
const known = [
  made('node', 'javascript', 'package.json'),
  made('python', 'python', 'pyproject.toml'),
  made('rust', 'rust', 'Cargo.toml'),
]
const treeWith = (...manifests: string[]) => ({ has: (path: string) => manifests.includes(path) }) as TreeReader

test.each<[string, string[], [string, PathKind][], string[]]>([
  ['the only one', ['package.json'], [['a.test.js', 'test']], ['node']],
  [
    'that of the tests',
    ['package.json', 'pyproject.toml'],
    [
      ['a.js', 'source'],
      ['test_a.py', 'test'],
    ],
    ['python'],
  ],
  [
    'both where both have tests, the one with more first',
    ['package.json', 'pyproject.toml'],
    [
      ['a.test.js', 'test'],
      ['test_a.py', 'test'],
      ['test_b.py', 'test'],
    ],
    ['python', 'node'],
  ],
  ['that of a file with tests inside', ['package.json', 'Cargo.toml'], [['src/lib.rs', 'mixed']], ['rust']],
  [
    'that of the sources where only data of tests changed',
    ['package.json', 'Cargo.toml'],
    [
      ['src/lib.rs', 'source'],
      ['testdata/a.json', 'test-support'],
    ],
    ['rust'],
  ],
  ['the first where nothing tells', ['package.json', 'Cargo.toml'], [['a.txt', 'source']], ['node']],
  [
    'none that the tree is not made for',
    ['package.json'],
    [
      ['test_a.py', 'test'],
      ['a.js', 'source'],
    ],
    ['node'],
  ],
  ['none where there is none', [], [['a.test.js', 'test']], []],
])('a change is run with %s', (_, manifests, changes, expected) => {
  const involved = involvedEcosystems(
    known,
    treeWith(...manifests),
    changes.map(([path, kind]) => ({ path, kind })),
  )
  expect(involved.map(({ name }) => name)).toEqual(expected)
})
