import { describe, expect, test } from 'vitest'
import { rewriteLockfile, withoutRegistrySettings } from '../../src/package-gateway/index.ts'

const gateway = 'http://127.0.0.1:4873'

describe('every npm-shaped tarball address becomes the gateway’s, whatever its host', () => {
  test.each([
    ['https://registry.one.example/ms/-/ms-2.1.3.tgz', `${gateway}/ms/-/ms-2.1.3.tgz`],
    ['http://localhost:4873/ms/-/ms-2.1.3.tgz', `${gateway}/ms/-/ms-2.1.3.tgz`],
    [
      'https://a.example/artifactory/api/npm/all/@scope/name/-/@scope/name-1.0.0-rc.1.tgz',
      `${gateway}/@scope/name/-/name-1.0.0-rc.1.tgz`,
    ],
    ['https://a.example/@scope%2fname/-/name-1.0.0.tgz', `${gateway}/@scope/name/-/name-1.0.0.tgz`],
    ['https://a.example/ms/-/ms-2.1.3.tgz?cache=0&sync=1', `${gateway}/ms/-/ms-2.1.3.tgz`],
  ])('%s', (before, after) => {
    expect(rewriteLockfile(`{"resolved": "${before}", "integrity": "sha512-x"}`, 'package-lock', gateway)).toEqual({
      text: `{"resolved": "${after}", "integrity": "sha512-x"}`,
      foreign: [],
    })
  })

  test('in yarn classic, the digest after the hash kept', () => {
    const line = '  resolved "https://a.example/ms/-/ms-2.1.3.tgz#574c8138ce1d2b5861f0b44579dbadd60c6615b2"\n'
    expect(rewriteLockfile(line, 'yarn-classic', gateway).text).toBe(
      `  resolved "${gateway}/ms/-/ms-2.1.3.tgz#574c8138ce1d2b5861f0b44579dbadd60c6615b2"\n`,
    )
  })

  test('in pnpm', () => {
    const line = '    resolution: {integrity: sha512-x, tarball: https://a.example/ms/-/ms-2.1.3.tgz}\n'
    expect(rewriteLockfile(line, 'pnpm-lock', gateway).text).toBe(
      `    resolution: {integrity: sha512-x, tarball: ${gateway}/ms/-/ms-2.1.3.tgz}\n`,
    )
  })

  test('in berry, where it stands encoded', () => {
    const line = `  resolution: "ms@npm:2.1.3::__archiveUrl=${encodeURIComponent('https://a.example/ms/-/ms-2.1.3.tgz')}"\n`
    expect(rewriteLockfile(line, 'yarn-berry', gateway).text).toBe(
      `  resolution: "ms@npm:2.1.3::__archiveUrl=${encodeURIComponent(`${gateway}/ms/-/ms-2.1.3.tgz`)}"\n`,
    )
  })
})

test.each([
  'https://codeload.host.example/owner/name/tar.gz/0a1b2c3',
  'https://host.example/group/project/-/archive/v1/project-v1.tar.gz',
  'https://host.example/files/name-1.0.0.tgz',
])('%s is no registry’s and stays, told apart', (address) => {
  const text = `"resolved": "${address}"`
  expect(rewriteLockfile(text, 'package-lock', gateway)).toEqual({ text, foreign: [address] })
})

test('addresses that are no tarballs stay untouched and unmentioned', () => {
  const text = '"funding": "https://host.example/sponsors/-/me", "homepage": "https://host.example/ms#readme"'
  expect(rewriteLockfile(text, 'package-lock', gateway)).toEqual({ text, foreign: [] })
})

describe('a repository’s own settings lose what leads past the gateway, and nothing else', () => {
  test('.npmrc', () => {
    const text =
      '; ours\nregistry=https://a.example/\n@scope:registry = https://b.example\n//b.example/:_authToken=${TOKEN}\nlegacy-peer-deps=true\nproxy=http://p:1\n'
    expect(withoutRegistrySettings(text, 'npmrc')).toBe('; ours\nlegacy-peer-deps=true\n')
  })

  test('.yarnrc', () => {
    const text =
      '# ours\nregistry "https://a.example"\n"@scope:registry" "https://b.example"\nyarn-path ".yarn/releases/yarn.cjs"\n--install.ignore-engines true\n'
    expect(withoutRegistrySettings(text, 'yarnrc')).toBe('# ours\n--install.ignore-engines true\n')
  })

  test('.yarnrc.yml', () => {
    const text =
      'nodeLinker: node-modules\nnpmScopes:\n  acme:\n    npmRegistryServer: https://b.example\nyarnPath: .yarn/releases/yarn-4.cjs\nplugins:\n  - path: x.cjs\n'
    expect(withoutRegistrySettings(text, 'yarnrc-berry')).toBe('nodeLinker: node-modules\nplugins:\n  - path: x.cjs\n')
  })
})
