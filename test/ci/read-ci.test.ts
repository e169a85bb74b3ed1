import { expect, test } from 'vitest'
import { readCi } from '../../src/ci/read-ci.ts'
import { memoryTree } from '../memory-tree.ts'

const workflow = (jobs: string, on = 'push'): string => `on: ${on}\njobs:\n${jobs.replaceAll(/^/gm, '  ')}`
const read = async (files: Readonly<Record<string, string>>) =>
  await readCi(
    memoryTree(
      Object.fromEntries(
        Object.entries(files).map(([name, text]) => [
          name.includes('/') || name.startsWith('.') ? name : `.github/workflows/${name}`,
          text,
        ]),
      ),
    ),
  )

test('runs are those of the combination nearest to the default, set-ups have every value on Linux', async () => {
  const [job] = await read({
    'ci.yml': workflow(`
test:
  runs-on: \${{ matrix.os || 'ubuntu-latest' }}
  env: { TOXENV: "\${{ matrix.tox || format('py{0}', matrix.python) }}" }
  strategy:
    matrix:
      include:
        - { python: '3.9' }
        - { name: Windows, python: '3.13', os: windows-latest }
        - { python: '3.12' }
        - { python: '3.14-dev' }
        - { python: pypy-3.10 }
        - { name: Minimum, python: '3.13', tox: py-min }
  steps:
    - uses: actions/setup-python@v5
      with: { python-version: "\${{ matrix.python }}", cache: pip }
    - run: tox run`),
  })
  expect(job?.setups).toEqual([
    {
      action: 'actions/setup-python',
      ref: 'v5',
      inputs: { 'python-version': ['3.9', '3.12', '3.14-dev', 'pypy-3.10', '3.13'], cache: ['pip'] },
    },
  ])
  expect(job?.runs).toEqual([{ text: 'tox run', directory: '.', variables: { TOXENV: 'py3.12' } }])
})

test('steps whose condition can not hold here are left out, those nobody can judge stay', async () => {
  const [job] = await read({
    'ci.yml': workflow(`
test:
  runs-on: \${{ matrix.os }}
  strategy: { matrix: { os: [ubuntu-latest, macos-latest] } }
  steps:
    - { run: a, if: "runner.os == 'Windows'" }
    - { run: b, if: "startsWith(matrix.os, 'ubuntu')" }
    - { run: c, if: "\${{ github.event_name == 'push' && matrix.os != 'macos-latest' }}" }
    - { run: d, if: "failure()" }
    - { run: e, shell: python }
    - { run: f, if: false }`),
  })
  expect(job?.runs.map(({ text }) => text)).toEqual(['b', 'c'])
})

test('a list out of fromJSON, images, services, and what is set by default', async () => {
  const [job, off] = await read({
    'ci.yml': `${workflow(`
test:
  runs-on: [self-hosted, linux]
  container: { image: "golang:\${{ matrix.go }}" }
  services: { db: { image: postgres:16 }, cache: { image: redis } }
  strategy: { matrix: { go: "\${{ fromJSON('[\\"1.21\\", \\"1.22\\"]') }}" } }
  defaults: { run: { working-directory: ./app } }
  env: { A: 1, SECRET: "\${{ secrets.S }}" }
  steps:
    - { uses: actions/setup-go@v5, with: { go-version: "\${{ matrix.go }}" } }
    - { run: "go test ./... # \${{ matrix.go }}", env: { B: true } }
mac: { runs-on: macos-14, steps: [{ run: go test ./... }] }`)}\nenv: { A: 0, C: x }`,
  })
  expect(job).toEqual({
    from: '.github/workflows/ci.yml job test',
    linux: true,
    everyPush: true,
    container: 'golang:1.22',
    services: ['postgres:16', 'redis'],
    setups: [{ action: 'actions/setup-go', ref: 'v5', inputs: { 'go-version': ['1.21', '1.22'] } }],
    runs: [{ text: 'go test ./... # 1.22', directory: 'app', variables: { A: '1', C: 'x', B: 'true' } }],
  })
  expect(off?.linux).toBe(false)
})

test('a workflow that jobs call is read through them, with what they give it', async () => {
  const jobs = await read({
    'ci.yml': workflow(`
unit:
  strategy: { matrix: { version: ['17', '21'] } }
  uses: ./.github/workflows/test.yml
  with: { java: "\${{ matrix.version }}" }
elsewhere: { uses: other/flows/.github/workflows/tox.yml@v1, with: { envs: py312 } }`),
    'nightly.yml': workflow('late: { steps: [{ run: make }] }', '{ schedule: [{ cron: "0 0 * * *" }] }'),
    'test.yml': workflow(
      `
run:
  steps:
    - { uses: actions/setup-java@v4, with: { java-version: "\${{ inputs.java }}", distribution: "\${{ inputs.vendor }}" } }
    - run: mvn -B verify`,
      '{ workflow_call: { inputs: { java: { type: string }, vendor: { default: temurin } } } }',
    ),
  })
  expect(jobs.map(({ from, everyPush }) => [from, everyPush])).toEqual([
    ['.github/workflows/ci.yml job unit › .github/workflows/test.yml job run', true],
    ['.github/workflows/ci.yml job elsewhere', true],
    ['.github/workflows/nightly.yml job late', false],
  ])
  expect(jobs[0]?.setups[0]?.inputs).toEqual({ 'java-version': ['21'], distribution: ['temurin'] })
  expect(jobs[1]?.setups).toEqual([
    { action: 'other/flows/.github/workflows/tox.yml', ref: 'v1', inputs: { envs: ['py312'] } },
  ])
})

test('actions that only start a command are commands', async () => {
  const [job] = await read({
    'ci.yml': workflow(`
test:
  steps:
    - { uses: actions-rs/cargo@v1, with: { command: test, args: --all-features } }
    - { uses: gradle/gradle-build-action@v2, with: { arguments: check } }
    - { uses: gradle/actions/setup-gradle@v4 }`),
  })
  expect(job?.runs.map(({ text }) => text)).toEqual(['cargo test --all-features', './gradlew check'])
})

test('Travis speaks the words of GitHub', async () => {
  const jobs = await read({
    '.travis.yml': `
language: python
python: ['3.6', '2.7']
services: [postgresql]
env: { global: [G=1], matrix: ['TOXENV=lint', 'TOXENV=tests A="b c"'] }
install: pip install tox
script: tox
matrix:
  include:
    - { python: '3.7', dist: xenial }
    - { os: osx, language: generic }
    - { script: make docs }`,
  })
  expect(jobs).toMatchObject([
    {
      from: '.travis.yml',
      services: ['postgresql'],
      setups: [{ action: 'actions/setup-python', inputs: { 'python-version': ['3.6', '2.7', '3.7'] } }],
    },
    { from: '.travis.yml job 1', runs: [{ text: 'pip install tox' }, { text: 'make docs' }] },
  ])
  const [first] = jobs
  expect(first?.runs.map(({ text }) => text)).toEqual(['pip install tox', 'tox'])
  expect(first?.runs[0]?.variables.G).toBe('1')
})

test('what is broken, endless or immense is passed over in no time', async () => {
  const axis = JSON.stringify(Array.from({ length: 60 }, (_, index) => index))
  const bomb = `a: &a [x, x]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`}, *${i === 0 ? 'a' : `b${i - 1}`}]`).join('\n')}`
  const jobs = await read({
    'a.yml': ':\n\t- {',
    'b.yml': '[]',
    'c.yml': bomb,
    'd.yml': '\0\x01\xff',
    'e.yml': `jobs: ${'['.repeat(20_000)}`,
    'f.yml': workflow('x: { uses: ./.github/workflows/f.yml }', '{ push: {}, workflow_call: {} }'),
    'g.yml': workflow(
      `wide: { strategy: { matrix: { a: ${axis}, b: ${axis}, c: ${axis}, d: ${axis} } }, steps: [{ run: "\${{ matrix.a }}" }] }`,
    ),
    'h.yml': workflow(
      'odd: { strategy: [], steps: { run: x }, services: 1, container: [], "runs-on": { a: 1 }, env: [], defaults: x, with: 3 }',
    ),
    'i.yml': workflow(
      `deep: { steps: [{ run: "\${{ ${'('.repeat(900)}1${')'.repeat(900)} }}", if: "${'!'.repeat(1500)}x" }, { uses: ./ }, null, 3] }`,
    ),
    '.travis.yml': 'matrix: [1]\nenv: { matrix: 3 }\nscript: { a: b }',
    'action.yml': 'runs: { steps: [{ uses: ./ }, { run: once }] }',
  })
  const named = jobs.map(({ from }) => from.replace(/^\S+ job /, ''))
  expect(named).toEqual(['wide', 'odd', 'deep', '.travis.yml'])
})
