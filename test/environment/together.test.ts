import { expect, test } from 'vitest'
import type { Proposal } from '../../src/ecosystems/types.ts'
import { keptInLayer } from '../../src/environment/layer-rules.ts'
import { together } from '../../src/environment/together.ts'
import type { Strategy } from '../../src/model/index.ts'

const command = (program: string) => ({ argv: [program], directory: '.', variables: { OWN: program } })

function part(ecosystem: string, more: Partial<Strategy>) {
  const strategy: Strategy = {
    ...{ name: 'lockfile', ecosystem, toolchain: { [ecosystem]: '1.0.0' }, overrides: [] },
    ...{ install: [command(`${ecosystem}-install`)], build: [command(`${ecosystem}-build`)] },
    tests: [
      {
        ...{ framework: `${ecosystem}-test`, directory: '.', version: null, arguments: [], nodeArguments: [] },
        variables: { CI: '1' },
      },
    ],
    ...{ variables: { PATH: `/env/${ecosystem}/bin`, CI: 'true' }, asOf: null, flags: [], evidence: [ecosystem] },
    ...more,
  }
  const { tests: _, ...proposed } = strategy
  return { strategy, proposal: { strategy: proposed } as Proposal }
}

test('what each ecosystem starts has its own variables, in the order of the parts', () => {
  const { strategy, tests } = together([
    part('node', {}),
    part('python', { name: 'as-of', asOf: '2024-01-01T00:00:00Z' }),
  ])
  expect(strategy).toMatchObject({
    ...{ name: 'lockfile+as-of', ecosystem: 'node+python', asOf: '2024-01-01T00:00:00Z', variables: {} },
    toolchain: { node: '1.0.0', python: '1.0.0' },
    install: [
      { argv: ['node-install'], variables: { PATH: '/env/node/bin', CI: 'true', OWN: 'node-install' } },
      { argv: ['python-install'], variables: { PATH: '/env/python/bin' } },
    ],
    build: [{ argv: ['node-build'] }, { argv: ['python-build'], variables: { PATH: '/env/python/bin' } }],
  })
  expect(tests.map(({ variables }) => variables)).toEqual([
    { PATH: '/env/node/bin', CI: '1' },
    { PATH: '/env/python/bin', CI: '1' },
  ])
})

test('files in the place of the repository’s own are those of the proposals, in full', () => {
  const node = part('node', { overrides: [{ path: 'package-lock.json', content: 'sha256:digest' }] })
  const proposed = { ...node.proposal.strategy, overrides: [{ path: 'package-lock.json', content: '{}' }] }
  const { strategy } = together([{ ...node, proposal: { ...node.proposal, strategy: proposed } }, part('python', {})])
  expect(strategy.overrides).toEqual([{ path: 'package-lock.json', content: '{}' }])
})

test("what one ecosystem derives from its sources may be another's install", () => {
  const isKept = keptInLayer(
    [
      { kept: ['**/node_modules/**'], derived: ['dist/**'] },
      { kept: ['.quarry/venv/**'], derived: ['**/build/**', '**/__pycache__/**'] },
    ],
    new Set(['.quarry/venv/tracked']),
  )
  expect(isKept('node_modules/left/build/index.js', false)).toBe(true)
  expect(isKept('.quarry/venv/lib/a.py', false)).toBe(true)
  expect(isKept('.quarry/venv/lib/__pycache__/a.pyc', false)).toBe(false)
  expect(isKept('.quarry/venv/tracked', false)).toBe(false)
  expect(isKept('build/lib/a.py', false)).toBe(false)
  expect(isKept('src/a.py', false)).toBe(false)
})
