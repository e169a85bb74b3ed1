import { expect, test } from 'vitest'
import { ciTestJobs } from '../../../src/ecosystems/node/ci-tests.ts'
import { readNodeCi } from '../../../src/ecosystems/node/workflows.ts'
import { readPackages } from '../../../src/ecosystems/node/workspaces.ts'
import { memoryTree } from './memory-tree.ts'

const workflow = (jobs: string): string => `on: push\njobs:\n${jobs.replaceAll(/^/gm, '  ')}`

test('multiplies a matrix out, with include and exclude', async () => {
  const text = workflow(`
test:
  runs-on: \${{ matrix.os }}
  strategy:
    matrix:
      os: [windows-latest, ubuntu-latest]
      node: [18, '20.x', 21]
      include:
        - node: lts/*
        - { os: macos-latest, node: 4 }
      exclude:
        - node: 21
  steps:
    - uses: actions/setup-node@v4
      with: { node-version: "\${{ matrix.node }}" }
    - run: npm test
      env: { A: 1, B: "\${{ secrets.B }}" }`)
  const [job] = await readNodeCi(memoryTree({ '.github/workflows/ci.yml': text }))
  expect(job).toMatchObject({ from: '.github/workflows/ci.yml job test', linux: true, nodes: ['18', '20.x', 'lts/*'] })
  expect(job?.runs).toEqual([{ text: 'npm test', directory: '.', variables: { A: '1' } }])
})

test('looks into the repository’s own actions and working directories', async () => {
  const ci = workflow(`
test:
  runs-on: ubuntu-latest
  defaults: { run: { working-directory: ./app } }
  steps:
    - uses: ./.github/actions/setup
      with: { node: 22 }
    - run: npm test`)
  const action = `
inputs: { node: { default: 18 } }
runs:
  using: composite
  steps:
    - uses: pnpm/action-setup@v4
      with: { version: 9.1 }
    - uses: actions/setup-node@v4
      with: { node-version: "\${{ inputs.node }}", node-version-file: .nvmrc }`
  const [job] = await readNodeCi(
    memoryTree({ '.github/workflows/ci.yml': ci, '.github/actions/setup/action.yml': action }),
  )
  expect(job).toMatchObject({ nodes: ['22'], nodeFile: '.nvmrc', pnpm: '9.1' })
  expect(job?.runs[0]?.directory).toBe('app')
})

test('reads Travis, and passes over what is no YAML', async () => {
  const tree = memoryTree({
    '.travis.yml': 'node_js: [8, node]\nscript: npm run ci',
    '.github/workflows/a.yml': ':\n\t- {',
    '.github/workflows/b.yml': '[]',
  })
  expect(await readNodeCi(tree)).toMatchObject([
    { from: '.travis.yml', nodes: ['8', 'node'], runs: [{ text: 'npm run ci' }] },
  ])
})

test('finds the jobs on Linux that test, the widest matrix first', async () => {
  const text = workflow(`
lint: { runs-on: ubuntu-latest, steps: [{ run: npm run lint }] }
windows: { runs-on: windows-latest, steps: [{ run: npm test }] }
one: { runs-on: ubuntu-latest, steps: [{ run: npm test }] }
all:
  runs-on: ubuntu-22.04
  strategy: { matrix: { v: [18, 20] } }
  steps:
    - { uses: actions/setup-node@v4, with: { node-version: "\${{ matrix.v }}" } }
    - run: |
        npm ci
        npm run build
        npm test`)
  const tree = memoryTree({
    'package.json': { scripts: { test: 'mocha', lint: 'eslint .', build: 'tsc' } },
    '.github/workflows/ci.yml': text,
  })
  const jobs = ciTestJobs(await readNodeCi(tree), await readPackages(tree))
  expect(jobs.map(({ job, buildsFirst }) => [job.from.split(' ').at(-1), buildsFirst])).toEqual([
    ['all', true],
    ['one', false],
  ])
})
