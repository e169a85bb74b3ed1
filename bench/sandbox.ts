import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createSandbox, defaultSandbox } from '../src/sandboxes/index.ts'
import type { Sandbox, SandboxSpec } from '../src/sandboxes/types.ts'

const rounds = 60

/** Wall time of `true`: started plainly, in a sandbox, and in one over three layers with some files in them. */
export default async function benchSandbox() {
  const home = mkdtempSync(path.join(tmpdir(), 'quarry-bench-'))
  const sandbox = createSandbox(defaultSandbox, { home, node: process.execPath })
  try {
    const layers = await makeLayers(sandbox, home)
    const times = await measure({
      plain: plainly,
      bare: async () => inSandbox(sandbox, []),
      layered: async () => inSandbox(sandbox, layers),
    })
    const goal = '≤ 25 above plain'
    const rows = [
      { figure: 'true, plainly spawned, median', value: median(times.plain), unit: 'ms' },
      { figure: 'warm start above plain, median', value: median(times.bare) - median(times.plain), unit: 'ms', goal },
      {
        figure: 'with 3 layers above plain, median',
        value: median(times.layered) - median(times.plain),
        unit: 'ms',
        goal,
      },
      { figure: 'with 3 layers, 90th percentile', value: quantile(times.layered, 0.9), unit: 'ms' },
      { figure: 'rounds', value: rounds, unit: 'runs' },
    ]
    return { name: 'sandbox', rows }
  } finally {
    await sandbox.close()
    rmSync(home, { recursive: true, force: true })
  }
}

/** Taken in turns, so that what else the machine does falls on all alike; the first five of each warm up. */
async function measure<Name extends string>(subjects: Readonly<Record<Name, () => Promise<void>>>) {
  const entries = Object.entries<() => Promise<void>>(subjects)
  const times = Object.fromEntries(entries.map(([name]) => [name, [] as number[]]))
  for (let round = -5; round < rounds; round += 1) {
    for (const [name, subject] of entries) {
      const started = performance.now()
      await subject()
      if (round >= 0) times[name]?.push(performance.now() - started)
    }
  }
  return times as Record<Name, number[]>
}

async function plainly(): Promise<void> {
  const child = spawn('true', { stdio: ['ignore', 'pipe', 'pipe'] })
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
}

async function inSandbox(sandbox: Sandbox, layers: readonly string[]): Promise<void> {
  const limits = { seconds: 60, memoryMiB: 1024, processes: 256, fileMiB: 256, diskMiB: 1024, outputMiB: 1, cores: [0] }
  const rest = { scratch: null, mounts: [], directory: '.', variables: {}, gateway: null }
  const spec: SandboxSpec = { ...rest, layers, argv: ['true'], limits }
  const { ended, exitCode } = await sandbox.run(spec)
  if (ended !== 'exited' || exitCode !== 0) throw new Error(`true ended with ${ended}, exit code ${exitCode}`)
}

async function makeLayers(sandbox: Sandbox, home: string): Promise<string[]> {
  const layers = ['snapshot', 'dependencies', 'environment'].map((name) => path.join(home, name))
  for (const layer of layers) {
    for (let folder = 0; folder < 50; folder += 1) {
      mkdirSync(path.join(layer, `folder${folder}`), { recursive: true })
      for (let file = 0; file < 10; file += 1) writeFileSync(path.join(layer, `folder${folder}`, `file${file}`), layer)
    }
    await sandbox.adopt(layer)
  }
  return layers
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN
}
