import { extname } from 'node:path/posix'
import type { Invocation } from '../../test-frameworks/types.ts'

/** What a program in a script is for. */
export type Role = 'test' | 'lint' | 'build' | 'clean' | 'idle'

/** Bins of test runners, those that Quarry has no plug-in for included: they are tests, never builds. */
const testPrograms = new Set([
  'vitest',
  'jest',
  'mocha',
  '_mocha',
  'ava',
  'tape',
  'tap',
  'jasmine',
  'jasmine-node',
  'uvu',
  'qunit',
  'lab',
  'zora',
  'pta',
  'brittle',
  'borp',
  'karma',
  'wtr',
  'web-test-runner',
  'playwright',
  'cypress',
  'testcafe',
  'react-scripts',
  'ng',
  'airtap',
  'aegir',
  'poku',
  'bun',
  'deno',
  'nightwatch',
  'cucumber-js',
  'buster',
  'nodeunit',
  'vows',
  'expresso',
  'tst',
  'japa',
  'start-server-and-test',
  'electron-mocha',
  'testem',
  'wct',
  'zunit',
  'size-limit',
  'bundlesize',
  'bundlewatch',
  'istanbul',
  'tap-spec',
  'faucet',
  'tap-dot',
])

/** Programs that judge code or publish what was measured: no test depends on their having run. */
const lintPrograms = new Set([
  'eslint',
  'xo',
  'standard',
  'standardx',
  'semistandard',
  'ts-standard',
  'prettier',
  'biome',
  'oxlint',
  'oxfmt',
  'jshint',
  'jscs',
  'tslint',
  'stylelint',
  'tsd',
  'tsd-lite',
  'dtslint',
  'attw',
  'publint',
  'knip',
  'depcheck',
  'dependency-check',
  'installed-check',
  'check-dts',
  'eclint',
  'evalmd',
  'markdownlint',
  'markdownlint-cli2',
  'remark',
  'alex',
  'cspell',
  'commitlint',
  'lint-staged',
  'husky',
  'simple-git-hooks',
  'lefthook',
  'is-ci',
  'check-outdated',
  'npm-check',
  'audit-ci',
  'snyk',
  'licensee',
  'license-checker',
  'ls-lint',
  'sort-package-json',
  'codecov',
  'coveralls',
  'codeclimate-test-reporter',
  'manypkg',
  'syncpack',
  'dpdm',
  'madge',
  'gts',
  'flow',
  'typings-tester',
  'type-coverage',
  'api-extractor',
  'hereby-lint',
  'npm',
  'pnpm',
  'yarn',
  'git',
  'nyc',
  'c8',
  'auto-changelog',
  'semantic-release',
  'np',
  'expect-type',
  'expect-error',
  'es-check',
  'aud',
  'npm-audit-resolver',
  'lockfile-lint',
  'only-allow',
  'typedoc',
  'jsdoc',
  'documentation',
  'marked-man',
  'verb',
  'all-contributors',
  'changelogen',
  'changeset',
  'lcov-reporter',
  'opencollective',
  'linklocal',
])

const cleanPrograms = new Set(['rimraf', 'rm', 'del', 'del-cli', 'shx', 'trash', 'mkdir', 'mkdirp', 'make-dir'])
const idlePrograms = new Set([
  'echo',
  'exit',
  'true',
  'false',
  ':',
  'test',
  '[',
  '[[',
  'sleep',
  'printf',
  'set',
  'which',
  'command',
  'wait',
  'wait-on',
  'kill',
  'cat',
  'pwd',
  'ls',
  'not-in-publish',
  'in-publish',
  'corepack',
  'sudo',
  'apt-get',
  'apt',
  'brew',
  'curl',
  'wget',
  'docker',
  'docker-compose',
  'pip',
  'pip3',
  'gh',
  'nvm',
  'date',
  'uname',
  'ulimit',
  'bash',
  'sh',
])

/** Type checkers: a build where they write files, a judgement where they are told not to. */
const typeCheckers = new Set(['tsc', 'vue-tsc', 'tsgo', 'glint', 'svelte-check'])

/** Judges what a program of a script is there for. */
export function roleOf(invocation: Invocation): Role {
  const { program, arguments: rest } = invocation
  if (program === 'node') return nodeRole(rest)
  if (program === 'ng' || program === 'react-scripts' || program === 'aegir')
    return rest[0] === 'test' ? 'test' : rest[0] === 'build' ? 'build' : 'lint'
  if (testPrograms.has(program)) return isTypeOnly(program, rest) ? 'lint' : 'test'
  if (typeCheckers.has(program))
    return program === 'svelte-check' || rest.includes('--noEmit') || rest.includes('--version') ? 'lint' : 'build'
  if (cleanPrograms.has(program)) return 'clean'
  if (idlePrograms.has(program)) return 'idle'
  if (lintPrograms.has(program) || /^(?:eslint|prettier|stylelint)\b|lint/.test(program)) return 'lint'
  return /\.(?:sh|bash)$/.test(program) && /test/.test(program) ? 'test' : 'build'
}

function isTypeOnly(program: string, rest: readonly string[]): boolean {
  if (program === 'vitest')
    return rest.includes('typecheck') || rest.includes('bench') || rest.includes('--typecheck.only')
  return (
    ['size-limit', 'bundlesize', 'bundlewatch', 'istanbul', 'tap-spec', 'faucet', 'tap-dot'].includes(program) ||
    (program === 'playwright' && rest[0] === 'install')
  )
}

function nodeRole(rest: readonly string[]): Role {
  if (rest.some((word) => word === '--test' || word.startsWith('--test='))) return 'test'
  if (rest.some((word) => word === '--version' || word === '-v')) return 'idle'
  if (rest.some((word) => ['-e', '-p', '--eval', '--print', '--check', '-c'].includes(word))) return 'idle'
  const file = rest.find((word) => !word.startsWith('-'))
  return file === undefined ? 'idle' : isTestPath(file) ? 'test' : 'build'
}

/** By convention, a path that holds tests or starts them. */
function isTestPath(path: string): boolean {
  const parts = path.replace(/^\.\//, '').split('/')
  const last = parts.pop() ?? ''
  const name = last.slice(0, last.length - extname(last).length)
  return (
    parts.some((part) => /^(?:__)?(?:tests?|specs?)(?:__)?$/.test(part)) ||
    /(?:^|[-_.])(?:tests?|specs?)(?:$|[-_.])/.test(name)
  )
}
