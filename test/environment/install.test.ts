import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Installed, install } from '../../src/environment/install.ts'
import { openTree } from '../../src/git/index.ts'
import { type Gateway, openGateway, openRegistry } from '../../src/package-gateway/index.ts'
import { keepProgram } from '../../src/pipeline/own-program.ts'
import { createSandbox } from '../../src/sandboxes/index.ts'
import { emptyMirror, treeOf } from '../snapshot/sample.ts'

let home: string
let gateway: Gateway
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'quarry-install-'))
  const upstream = { registry: 'http://127.0.0.1:9/', scopes: new Map(), certificates: null, proxy: null }
  const registry = openRegistry({ upstream, credentials: [], owner: 'acme', store: join(home, 'store'), backoff: [] })
  gateway = await openGateway({ registry, asOf: null, socketFolder: home })
})
afterEach(async () => {
  await gateway.close()
  rmSync(home, { recursive: true, force: true })
})

/** Installs with a command, in a real sandbox whose door is started by `node`. */
async function installWith(node: string, argv: readonly [string, ...string[]]): Promise<Installed> {
  const mirror = await emptyMirror()
  const tree = await openTree(mirror, await treeOf(mirror, { 'README.md': 'a' }))
  const sandbox = createSandbox('bubblewrap', { home, node })
  const commands = [{ argv, directory: '.', variables: {} }]
  const strategy = {
    ...{ name: 'plain', ecosystem: 'node', toolchain: {}, overrides: [], install: commands, build: [], variables: {} },
    ...{ asOf: null, flags: [], evidence: [] },
  }
  try {
    return await install({
      ...{ strategy, mirror, tree, mounts: [], gateway, sandbox, work: home, cores: [], seconds: 60 },
      explain: (log) => ({ reason: 'install-failed', detail: log.trim().split('\n').at(-1) ?? '' }),
    })
  } finally {
    await sandbox.close()
  }
}

test('a command that ends as one that can not be started is a failed install', async () => {
  expect(await installWith(process.execPath, ['sh', '-c', 'exit 126'])).toMatchObject({ reason: 'install-failed' })
  expect(await installWith(process.execPath, ['not-there'])).toMatchObject({ reason: 'install-failed' })
})

test('an install whose own start failed is a fault: that says nothing of the repository', async () => {
  const program = join(home, 'program')
  copyFileSync('/bin/true', program)
  const writer = await open(program, 'r+')
  try {
    await expect(installWith(program, ['true'])).rejects.toMatchObject({ kind: 'sandbox' })
  } finally {
    await writer.close()
  }
})

test.each([
  ['on the same disk', tmpdir()],
  ['on another one', '/dev/shm'],
])('the program that runs us is kept, %s, while another is written in its place', async (_, place) => {
  const folder = mkdtempSync(join(place, 'quarry-program-'))
  const program = join(home, 'program')
  copyFileSync('/bin/true', program)
  const kept = await keepProgram(program, folder)
  rmSync(program)
  copyFileSync('/bin/true', program)
  const writer = await open(program, 'r+')
  try {
    expect(() => execFileSync(program)).toThrow('ETXTBSY')
    expect(execFileSync(kept).toString()).toBe('')
  } finally {
    await writer.close()
    rmSync(folder, { recursive: true })
  }
})
