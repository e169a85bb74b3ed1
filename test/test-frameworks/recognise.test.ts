import { describe, expect, it } from 'vitest'
import { frameworkNamed, type Invocation, recognise } from '../../src/test-frameworks/index.ts'
import { invocationOf, viewOf } from './trial.ts'

async function planFor(given: Partial<Invocation>, files: Readonly<Record<string, string>> = {}) {
  return recognise(invocationOf(given), viewOf(files, given.directory))
}

async function pathsFor(given: Partial<Invocation>, files: Readonly<Record<string, string>>) {
  const plan = await planFor(given, files)
  if (plan === null) throw new Error('not recognised')
  return frameworkNamed(plan.framework).testPaths(plan, viewOf(files, given.directory))
}

describe('recognise', () => {
  it.each([
    [
      { program: 'mocha', arguments: ['-R', 'dot', '-b', '-r', 'x', '--reporter=spec', 'spec'] },
      'mocha',
      ['-r', 'x', 'spec'],
    ],
    [{ program: 'node', arguments: ['node_modules/.bin/_mocha', '--watch'] }, 'mocha', []],
    [{ program: 'node', arguments: ['./node_modules/jest/bin/jest.js', '-i', '--coverage'] }, 'jest', ['-i']],
    [
      { program: 'jest', arguments: ['--ci', '--coverageReporters', 'text', '-c', 'j.js', 'src'] },
      'jest',
      ['-c', 'j.js', 'src'],
    ],
    [
      { program: 'vitest', arguments: ['run', '--coverage.enabled', '--outputFile.json=x', '--dir', 'a'] },
      'vitest',
      ['--dir', 'a'],
    ],
    [
      { program: 'vitest', arguments: ['--no-threads', '-u', '--config', 'v.ts'] },
      'vitest',
      ['--no-threads', '--config', 'v.ts'],
    ],
    [{ program: 'vitest', arguments: ['--coverage', 'run'] }, 'vitest', []],
    [{ program: 'vitest', arguments: ['--dir', 'run', 'run', 'a'] }, 'vitest', ['--dir', 'run', 'a']],
    [
      { program: 'borp', arguments: ['--reporter=x', '-C', '--lines', '100', '-t', '9', '-p', 'test/*.js', 'a.js'] },
      'borp',
      ['-t', '9', '-p', 'test/*.js', 'a.js'],
    ],
    [{ program: 'ava', arguments: ['--tap', '-s', '--fail-fast', 'a.js'] }, 'ava', ['-s', 'a.js']],
    [{ program: 'tap', arguments: ['run', '--100', '-j', '2', '-R', 'spec', 'a.js'] }, 'tap', ['-j', '2', 'a.js']],
    [{ program: 'jasmine', arguments: ['--config=j.json', '--fail-fast'] }, 'jasmine', ['--config=j.json']],
    [
      {
        program: './gradlew',
        arguments: [
          '--no-daemon',
          '-Pfast=1',
          '-D',
          'a=b',
          '-x',
          'lint',
          'clean',
          ':core:check',
          'spotlessCheck',
          'webTest',
        ],
      },
      'gradle-test',
      ['-Pfast=1', ':core:test', 'webTest'],
    ],
    [{ program: 'tape', arguments: ['-r', 'x', 'test/*.js'] }, 'tape', ['-r', 'x', 'test/*.js']],
    [
      { program: 'node', nodeArguments: ['--import', 'tsx'], arguments: ['--test', '--test-reporter', 'spec', 'a'] },
      'node-test',
      ['--import', 'tsx', '--test', 'a'],
    ],
  ])('reads %j as %s', async (given, framework, expected) => {
    const plan = await planFor(given)
    expect([plan?.framework, plan?.arguments]).toEqual([framework, expected])
  })

  it('tells tape from node:test by what the files import, also over other files', async () => {
    const files = {
      'test/index.js': "require('./a')",
      'test/a.js': "const test = require('tape')",
      'b.mjs': "import { it } from 'node:test'",
    }
    expect((await planFor({ program: 'node', arguments: ['test'] }, files))?.framework).toBe('tape')
    expect((await planFor({ program: 'node', arguments: ['b.mjs'] }, files))?.framework).toBe('node-test')
    expect(await planFor({ program: 'node', arguments: ['c.js'] }, { ...files, 'c.js': '' })).toBeNull()
  })

  it('leaves other programs alone', async () => {
    expect(await planFor({ program: 'eslint', arguments: ['.'] })).toBeNull()
    expect(await planFor({ program: 'vitest', arguments: ['bench'] })).toBeNull()
    expect(await planFor({ program: 'gradle', arguments: ['assemble', '-x', 'test', 'a'.repeat(60)] })).toBeNull()
  })

  it('gives node what mocha would start a second node for, from its configuration too', async () => {
    const plan = await planFor(
      { program: 'mocha', arguments: ['--expose-gc', 'test'] },
      { '.mocharc.json': '{ "node-option": ["import=tsx"] }' },
    )
    expect(plan?.nodeArguments).toEqual(['--expose-gc', '--import=tsx'])
    expect(plan?.arguments).toEqual(['test'])
  })
})

describe('command', () => {
  it('preloads the guard of the report before all of the repository', async () => {
    const plan = await planFor({
      program: 'mocha',
      nodeArguments: ['-r', './hook'],
      variables: { NODE_OPTIONS: '-r ./first' },
    })
    if (plan === null) throw new Error('not recognised')
    const { argv, variables } = frameworkNamed('mocha').command(plan, null)
    expect(argv.slice(0, 5)).toEqual(['node', '--require', '/quarry/reporters/report.cjs', '-r', './hook'])
    expect(variables.NODE_OPTIONS).toBe('--require /quarry/reporters/report.cjs -r ./first')
  })

  it('names files as they stand in the directory of the plan', async () => {
    const plan = await planFor({ program: 'jest', directory: 'packages/one', arguments: ['-i', 'src'] })
    if (plan === null) throw new Error('not recognised')
    const { argv, directory } = frameworkNamed('jest').command(plan, ['packages/one/test/a.js'])
    expect(directory).toBe('packages/one')
    expect(argv.slice(-2)).toEqual(['--runTestsByPath', 'test/a.js'])
    expect(argv).not.toContain('src')
  })
})

describe('testPaths', () => {
  it('reads jest from package.json and from code', async () => {
    const config = `module.exports = {
      // testMatch: ['nothing/**'],
      testMatch: ['<rootDir>/spec/**/*.ts', "!**/x"], setupFiles: ['<rootDir>/spec/setup.ts', 'jsdom-global'] }`
    const files = {
      'package.json': '{"jest":{"testRegex":"/checks/.*js$"}}',
      'jest.config.js': config,
      'spec/setup.ts': '',
      'checks/a.js': '',
    }
    expect(await pathsFor({ program: 'jest' }, files)).toEqual({
      tests: ['spec/**/*.ts', 'checks/a.js'],
      support: ['spec/setup.ts', '**/__snapshots__/**'],
      configuration: ['jest.config.js'],
    })
  })

  it('reads vitest in a package of a monorepo', async () => {
    const files = {
      'packages/a/vite.config.ts':
        "export default { test: { include: ['checks/*.test.ts'], setupFiles: './set-up.ts' } }",
      'packages/a/set-up.ts': '',
    }
    expect(await pathsFor({ program: 'vitest', directory: 'packages/a' }, files)).toEqual({
      tests: ['packages/a/checks/*.test.ts'],
      support: ['packages/a/set-up.ts', 'packages/a/**/__snapshots__/**'],
      configuration: ['packages/a/vite.config.ts'],
    })
  })

  it('reads mocha from .mocharc.yml, mocha.opts and its arguments', async () => {
    const files = {
      '.mocharc.yml': 'spec: checks\nrequire:\n  - ./hooks.js\n',
      'test/mocha.opts': '--require ./more\nold/*.js\n',
      'hooks.js': '',
      'more.js': '',
      'checks/a.js': '',
    }
    expect(await pathsFor({ program: 'mocha', arguments: ['unit/*.js'] }, files)).toEqual({
      tests: ['unit/*.js', 'checks/**', 'old/*.js'],
      support: ['hooks.js', 'more.js'],
      configuration: ['.mocharc.yml', 'test/mocha.opts'],
    })
  })

  it('reads AVA, tap and jasmine', async () => {
    const files = {
      'package.json': '{"ava":{"files":["t/*.js"],"require":["./reg.js"]}}',
      'reg.js': '',
      '.taprc': 'files:\n  - x/*.js\n',
      'spec/support/jasmine.json': '{"spec_dir":"spec","spec_files":["**/*.js"],"helpers":["help/*.js"]}',
    }
    expect((await pathsFor({ program: 'ava' }, files)).tests).toEqual(['t/*.js'])
    expect((await pathsFor({ program: 'ava' }, files)).support).toContain('reg.js')
    expect(await pathsFor({ program: 'tap' }, files)).toMatchObject({ tests: ['x/*.js'], configuration: ['.taprc'] })
    expect(await pathsFor({ program: 'jasmine' }, files)).toMatchObject({
      tests: ['spec/**/*.js'],
      support: ['spec/help/*.js'],
    })
  })
})
