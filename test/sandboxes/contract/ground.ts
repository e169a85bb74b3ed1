import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Sandbox, SandboxLimits, SandboxResult, SandboxSpec } from '../../../src/sandboxes/types.ts'

/** What every test of the contract stands on: a sandbox to ask, and a folder that its user owns. */
export interface Ground {
  readonly sandbox: () => Sandbox
  /** A fresh folder with files, as an unpacked layer is. */
  folder(files: Readonly<Record<string, string>>): Promise<string>
}

/** Awkward on purpose: all of these mean something to mount(8), overlayfs or a shell. */
export const awkwardName = 'a, b:c\\d #e \'f\' "g" $h'

export function makePlace(user: number | null): string {
  const place = mkdtempSync(path.join(tmpdir(), 'quarry-sandbox-'))
  execFileSync('chmod', ['755', place])
  if (user !== null) execFileSync('chown', [`${user}:${user}`, place])
  return place
}

export function removePlace(place: string): void {
  execFileSync('chmod', ['-R', 'u+rwX', place])
  rmSync(place, { recursive: true, force: true })
}

export function makeFolder(place: string, name: string, files: Readonly<Record<string, string>>): string {
  const folder = path.join(place, name)
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), text)
  }
  return folder
}

export const limits: SandboxLimits = {
  ...{ seconds: 30, memoryMiB: 512, processes: 200, fileMiB: 256, diskMiB: 512, outputMiB: 1, cores: [] },
}

export function spec(argv: readonly string[], changes: Partial<SandboxSpec> = {}): SandboxSpec {
  const rest = { layers: [], scratch: null, mounts: [], directory: '.', variables: {}, limits, gateway: null }
  return { ...rest, argv, ...changes }
}

/** Runs a script of bash, the one language that is on every machine with a bubblewrap of ours. */
export async function bash(ground: Ground, script: string, changes: Partial<SandboxSpec> = {}): Promise<SandboxResult> {
  return ground.sandbox().run(spec(['bash', '-c', script], changes))
}

export function lines(output: Buffer): string[] {
  return output.toString().split('\n').filter(Boolean)
}

/** Whether any process of this machine is a `sleep` of this many seconds: how a test marks what it starts. */
export function runningWith(seconds: string): boolean {
  return spawnSync('pgrep', ['-f', `^sleep ${seconds}`]).stdout.toString() !== ''
}
