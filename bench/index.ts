import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { createOutput } from '../src/apps/cli/output.ts'

/** What one benchmark measured: bench/NAME.ts exports `async () => Figures` by default; its arguments begin at process.argv[3]. */
const figures = z.object({
  name: z.string(),
  rows: z.array(
    z.object({ figure: z.string(), value: z.number(), unit: z.string(), goal: z.string().optional() }).readonly(),
  ),
})
const benchmark = z.object({
  default: z.custom<() => Promise<unknown>>((value) => typeof value === 'function'),
})

const names = [
  'discover',
  'sandbox',
  'mine',
  'environments',
  'grade',
  'grades',
  'query',
  'stream',
  'leases',
  'webhooks',
  'backfill',
]

/** `npm run bench -- NAME [ARGUMENTS]`: a table on standard output, and the same as JSON under .quarry/bench. */
async function run(name = ''): Promise<number> {
  const file = new URL(`${name}.ts`, import.meta.url)
  if (!names.includes(name) || !existsSync(file)) {
    process.stderr.write(`usage: npm run bench -- ${names.join('|')} [arguments]\n`)
    return 2
  }
  const measured = figures.parse(await benchmark.parse(await import(file.href)).default())
  const output = createOutput({ stream: process.stdout, terminal: process.stdout.isTTY }, false)
  output.heading(measured.name)
  output.table(
    ['figure', 'value', 'unit', 'goal'],
    measured.rows.map((row) => [row.figure, rounded(row.value), row.unit, row.goal ?? null]),
  )
  output.text(`kept as ${keep(name, measured)}`)
  return 0
}

/** Three digits are enough to compare by. */
function rounded(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 6 : 3))
}

/** With the machine it was measured on, without which a figure says little. */
function keep(name: string, measured: object): string {
  const folder = fileURLToPath(new URL('../.quarry/bench', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const path = `${folder}/${name}.json`
  const machine = {
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    load: loadavg()[0],
    node: process.version,
  }
  writeFileSync(path, `${JSON.stringify({ ...measured, at: new Date().toISOString(), machine }, null, 2)}\n`)
  return path
}

process.exitCode = await run(process.argv[2])
