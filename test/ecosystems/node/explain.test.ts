import { expect, test } from 'vitest'
import { explainInstall } from '../../../src/ecosystems/node/explain.ts'

test.each([
  [
    'npm ERR! code E404\nnpm ERR! 404 Not Found - GET http://127.0.0.1:4873/left-padd - Not found',
    'package-not-available',
    'left-padd',
  ],
  ['npm error 404 Not Found - GET http://127.0.0.1:4873/@a%2fb - Not found', 'package-not-available', '@a/b'],
  [
    'npm error code ETARGET\nnpm error notarget No matching version found for minizlib@^3.1.0.\nnpm error',
    'package-not-available',
    'minizlib@^3.1.0',
  ],
  [' ERR_PNPM_NO_MATCHING_VERSION  No matching version found for ms@99 while', 'package-not-available', 'ms@99'],
  ['error Couldn\'t find any versions for "ms" that matches "99"', 'package-not-available', 'ms'],
  [
    'npm error command git --no-replace-objects ls-remote ssh://git@host/a/b.git',
    'package-not-available',
    'ssh://git@host/a/b.git',
  ],
  [
    'npm error fatal: Could not read from remote repository.\nnpm error and the repository exists.',
    'package-not-available',
    'remote repository',
  ],
  ['Error: getaddrinfo EAI_AGAIN binaries.host', 'package-not-available', 'binaries.host'],
  ['Error: connect ECONNREFUSED 127.0.0.1:5432', 'needs-service', '5432'],
  ['error foo@1.0.0: The engine "node" is incompatible with this module.', 'toolchain-not-available', 'engine "node"'],
  [
    'npm error ERESOLVE could not resolve\nnpm error A complete log of this run can be found in: x',
    'install-failed',
    'ERESOLVE',
  ],
  ['', 'install-failed', ''],
])('%j is %s: %s', (log, reason, detail) => {
  const explained = explainInstall(log)
  expect(explained.reason).toBe(reason)
  expect(explained.detail).toContain(detail)
})
