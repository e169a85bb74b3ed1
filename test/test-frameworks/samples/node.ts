import { inVersions, type Sample } from './types.ts'

const manifest = (script: string, packages: Readonly<Record<string, string>>) =>
  `${JSON.stringify({ name: 'shop', version: '1.0.0', scripts: { test: script }, devDependencies: packages }, null, 2)}\n`
/** Files of a version: the manifest, and the Node that it runs on. */
const on = (node: string, script: string, packages: Readonly<Record<string, string>> = {}) => ({
  'package.json': manifest(script, packages),
  '.nvmrc': `${node}\n`,
})

/** `describe` and `it`, as mocha, jest, vitest, jasmine and node:test have them. */
const described = (head: string, more = '') => `${head}describe('cart', () => {
  it('adds', () => {})
  it('fails', () => {
    throw new Error('as it should')
  })
  it.skip('waits', () => {})
  it('twice', () => {})
  it('twice', () => {
    throw new Error('the second')
  })
  describe('with a broken start', () => {
    beforeEach(() => {
      throw new Error('no start')
    })
    it('never begins', () => {})
  })
  it('is late', async () => {
    await Promise.reject(new Error('later'))
  })
${more}})
`
const cart = (file: string) =>
  ({
    [`${file} > cart > adds`]: 'passed',
    [`${file} > cart > fails`]: 'failed',
    [`${file} > cart > waits`]: 'skipped',
    [`${file} > cart > twice`]: 'passed',
    [`${file} > cart > twice (2)`]: 'failed',
    [`${file} > cart > with a broken start > never begins`]: 'failed',
    [`${file} > cart > is late`]: 'failed',
  }) as const
const broken = "throw new Error('this file does not load')\n"
const each = `  it.each([[1, 1], [2, 3]])('%i is %i', (one, other) => {
    if (one !== other) throw new Error('unlike')
  })
  it.todo('later')
`
const eachCart = (file: string) =>
  ({
    ...cart(file),
    [`${file} > cart > 1 is 1`]: 'passed',
    [`${file} > cart > 2 is 3`]: 'failed',
    [`${file} > cart > later`]: 'skipped',
  }) as const

const { 'test/cart.js > cart > with a broken start > never begins': _, ...begun } = cart('test/cart.js')
/** A hook that fails is told in the place of the tests behind it. */
const ofMocha = {
  ...begun,
  'test/cart.js > cart > with a broken start > "before each" hook for "never begins"': 'errored',
} as const
const mocha = inVersions(
  {
    framework: 'mocha',
    files: { 'test/cart.js': described('', "  it('later')\n") },
    expected: { ...ofMocha, 'test/cart.js > cart > later': 'skipped' },
  },
  {
    '6': on('20', 'mocha', { mocha: '6' }),
    '8': on('20', 'mocha', { mocha: '8' }),
    '11': on('22', 'mocha', { mocha: '11' }),
  },
)

/** mocha itself runs no test where a file does not load. */
const mochaBroken = inVersions(
  {
    framework: 'mocha',
    files: { 'test/cart.js': described(''), 'test/broken.js': broken },
    expected: {},
    isBrokenOff: true,
  },
  { '11': on('22', 'mocha', { mocha: '11' }) },
  'broken-',
)

const jest = inVersions(
  {
    framework: 'jest',
    files: { 'test/cart.test.js': described('', each), 'test/broken.test.js': broken },
    expected: { ...eachCart('test/cart.test.js'), 'test/broken.test.js': 'errored' },
  },
  {
    '26': on('18', 'jest', { jest: '26' }),
    '29': on('20', 'jest', { jest: '29' }),
    '30': on('22', 'jest', { jest: '30' }),
  },
)

const vitest = inVersions(
  {
    framework: 'vitest',
    files: {
      'test/cart.test.js': described("import { beforeEach, describe, it } from 'vitest'\n\n", each),
      'test/broken.test.js': broken,
    },
    expected: { ...eachCart('test/cart.test.js'), 'test/broken.test.js': 'errored' },
  },
  {
    '1': on('20', 'vitest run', { vitest: '1' }),
    '3': on('22', 'vitest run', { vitest: '3' }),
    '4': on('24', 'vitest run', { vitest: '4' }),
  },
)

const jasmine = inVersions(
  {
    framework: 'jasmine',
    files: {
      'spec/support/jasmine.json': '{ "spec_dir": "spec", "spec_files": ["*Spec.js"], "random": true }\n',
      'spec/cartSpec.js': described('').replaceAll('it.skip', 'xit'),
    },
    expected: cart('spec/cartSpec.js'),
  },
  { '3': on('18', 'jasmine', { jasmine: '3' }), '5': on('22', 'jasmine', { jasmine: '5' }) },
)

const ava = inVersions(
  {
    framework: 'ava',
    files: {
      'test/cart.js': `const test = require('ava')

test('adds', t => t.is(1 + 1, 2))
test('fails', t => t.is(1, 2))
test.skip('waits', t => t.pass())
test.todo('later')
test.failing('is known to fail', t => t.fail())
test.failing('is no longer known to fail', t => t.pass())
`,
      'test/broken.js': broken,
    },
    expected: {
      'test/cart.js > adds': 'passed',
      'test/cart.js > fails': 'failed',
      'test/cart.js > waits': 'skipped',
      'test/cart.js > later': 'skipped',
      'test/cart.js > is known to fail': 'passed',
      'test/cart.js > is no longer known to fail': 'failed',
      'test/broken.js': 'errored',
    },
  },
  { '3': on('18', 'ava', { ava: '3' }), '6': on('22', 'ava', { ava: '6' }) },
)

const nested = (framework: string, head = `const test = require('${framework}').test\n`) => `${head}
test('cart', t => {
  t.test('adds', s => { s.equal(1 + 1, 2); s.end() })
  t.test('fails', s => { s.equal(1, 2, 'one is two'); s.end() })
  t.end()
})
test('waits', { skip: true }, t => t.end())
test('twice', t => { t.ok(true); t.end() })
test('twice', t => { t.ok(false); t.end() })
`
const tape = inVersions(
  {
    framework: 'tape',
    files: { 'test/cart.js': nested('tape') },
    expected: {
      // A test of tape's is what its own assertions are.
      'test/cart.js > cart': 'passed',
      'test/cart.js > cart > adds': 'passed',
      'test/cart.js > cart > fails': 'failed',
      'test/cart.js > waits': 'skipped',
      'test/cart.js > twice': 'passed',
      'test/cart.js > twice (2)': 'failed',
    },
  },
  { '4': on('18', 'tape test/*.js', { tape: '4' }), '5': on('22', 'tape test/*.js', { tape: '5' }) },
)

const tap = inVersions(
  {
    framework: 'tap',
    files: { 'test/cart.js': nested('tap'), 'test/broken.js': broken },
    expected: {
      'test/broken.js': 'errored',
      'test/cart.js > cart': 'failed',
      'test/cart.js > cart > adds': 'passed',
      'test/cart.js > cart > fails': 'failed',
      'test/cart.js > waits': 'skipped',
      'test/cart.js > twice': 'passed',
      'test/cart.js > twice (2)': 'failed',
    },
  },
  {
    '15': on('18', 'tap --no-coverage', { tap: '15' }),
    '16': on('20', 'tap --no-coverage', { tap: '16' }),
    '21': on('22', 'tap', { tap: '21' }),
  },
)

const nodeFiles = {
  'test/cart.test.js': described(
    "const { beforeEach, describe, it } = require('node:test')\n\n",
    "  it.todo('later')\n",
  ),
  'test/broken.test.js': broken,
}
const nodeExpected = {
  ...cart('test/cart.test.js'),
  'test/cart.test.js > cart > later': 'skipped',
  'test/broken.test.js': 'errored',
} as const

const nodeTest = inVersions(
  { framework: 'node-test', files: nodeFiles, expected: nodeExpected },
  { '18': on('18', 'node --test test'), '20': on('20', 'node --test test/*.test.js'), '24': on('24', 'node --test') },
)

const borp = inVersions(
  { framework: 'borp', files: nodeFiles, expected: nodeExpected },
  {
    '0': on('20', "borp -p 'test/*.test.js'", { borp: '0.20' }),
    '1': on('22', "borp -p 'test/*.test.js'", { borp: '1' }),
  },
)

export const nodeSamples: readonly Sample[] = [
  ...mocha,
  ...mochaBroken,
  ...jest,
  ...vitest,
  ...jasmine,
  ...ava,
  ...tape,
  ...tap,
  ...nodeTest,
  ...borp,
]
