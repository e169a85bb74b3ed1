import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rust } from '../../../src/ecosystems/rust/index.ts'
import { openToolchains } from '../../../src/ecosystems/rust/toolchains.ts'
import { createSandbox } from '../../../src/sandboxes/index.ts'
import type { Sandbox } from '../../../src/sandboxes/types.ts'
import { tell } from '../../tell.ts'
import { contextOf } from '../node/memory-tree.ts'

const hasCargo = spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasCargo) tell('cargo is not on this machine: crates of git hosts are not stood in for')

/** Nothing here asks a registry: what is left when the crates of git hosts are stood in for has no dependencies. */
const files: Readonly<Record<string, string>> = {
  'Cargo.toml':
    '[workspace]\nmembers = ["cart", "bench"]\n[patch.crates-io]\nitoa = { git = "https://git.example/a/itoa" }\n',
  'cart/Cargo.toml':
    '[package]\nname = "cart"\nversion = "0.1.0"\n[dev-dependencies]\nhelper = { git = "https://git.example/a/helper", tag = "v1", features = ["all"] }\n',
  'cart/src/lib.rs': 'pub fn one() -> u8 { 1 }\n#[test]\nfn ones() { assert_eq!(one(), 1) }\n',
  'cart/tests/plain.rs': '#[test]\nfn plain() { assert_eq!(cart::one(), 1) }\n',
  'cart/tests/helped.rs': 'extern crate helper;\n#[test]\nfn helped() { helper::help() }\n',
  'bench/Cargo.toml':
    '[package]\nname = "bench"\nversion = "0.1.0"\n[dependencies]\ncart = { path = "../cart" }\nlarge = { git = "https://git.example/a/large", version = "2" }\n',
  'bench/src/lib.rs': 'extern crate large;\npub fn run() { large::run() }\n',
}

let folder: string
let sandbox: Sandbox
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-stand-ins-'))
  sandbox = createSandbox('bubblewrap', { home: folder, node: process.execPath })
})
afterAll(async () => {
  await sandbox.close()
  await rm(folder, { recursive: true, force: true })
})

describe.skipIf(!hasCargo)('crates of a git host', { timeout: 120_000 }, () => {
  test('are stood in for, from the install to the run: what uses them does not compile, and all else is tested', async () => {
    const tools = openToolchains({ environment: process.env })
    const [proposal] = await rust.propose({ ...contextOf(files, ['cart/src/lib.rs'], ['cart/src/lib.rs']), tools })
    if (proposal === undefined) throw new Error('nothing was proposed')
    const { strategy } = proposal
    const tool = await tools.provide('rust', strategy.toolchain.rust ?? '')
    if ('refused' in tool) throw new Error(JSON.stringify(tool))
    const layer = join(folder, 'layer')
    for (const [path, text] of [
      ...Object.entries(files),
      ...strategy.overrides.map(({ path, content }) => [path, content ?? ''] as const),
    ]) {
      await mkdir(dirname(join(layer, path)), { recursive: true })
      await writeFile(join(layer, path), text)
    }
    await sandbox.adopt(layer)
    const scratch = await sandbox.scratch()
    const run = (argv: readonly string[], variables: Readonly<Record<string, string>>) =>
      sandbox.run({
        ...{ layers: [layer], scratch, argv, directory: '.', gateway: null },
        mounts: [{ source: tool.folder, target: '/env/rust', writable: false }],
        variables: { ...strategy.variables, ...variables },
        limits: { seconds: 100, memoryMiB: 4096, processes: 512, fileMiB: 512, diskMiB: 2048, outputMiB: 4, cores: [] },
      })
    for (const command of strategy.install) {
      const { exitCode, stderr } = await run(command.argv, command.variables)
      expect(exitCode, stderr.toString()).toBe(0)
    }
    const tested = await run(
      ['sh', '-c', 'cp .quarry/lock/Cargo.lock . && cargo build --offline --locked --workspace --keep-going --tests'],
      {},
    )
    const said = `${tested.stdout}${tested.stderr}`
    for (const name of ['helped', 'bench']) expect(said).toMatch(new RegExp(`could not compile .*${name}`))
    const alone = await run(['sh', '-c', 'cargo test --offline --locked -p cart --lib --test plain'], {})
    expect(alone.stdout.toString(), said).toMatch(/test ones \.\.\. ok[\s\S]*test plain \.\.\. ok/)
    await sandbox.discard(scratch)
  })
})
