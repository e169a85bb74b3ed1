import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'

const here = import.meta.dirname
const kept = join(here, '..', '..', '..', 'node_modules', '.cache', 'quarry-consumers')
const candidates = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python']

/** A Python that the packages take, with pip; null where this machine has none. */
export async function findPython(): Promise<string | null> {
  for (const name of candidates) {
    const asked = await execa(name, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))'], {
      reject: false,
    })
    if (asked.exitCode === 0) return name
  }
  return null
}

/** Runs `<name>.py` with the packages of `<name>.txt`, in an environment that is kept from one run to the next. Gives what it printed. */
export async function runConsumer(python: string, name: string, folder: string): Promise<unknown> {
  const program = await environmentOf(python, name)
  const { stdout } = await execa(program, [join(here, `${name}.py`), folder], {
    env: { HF_HUB_OFFLINE: '1', HF_HOME: join(folder, 'hf'), PYTHONWARNINGS: 'ignore' },
    timeout: 600_000,
  })
  return JSON.parse(stdout.split('\n').at(-1) ?? '')
}

async function environmentOf(python: string, name: string): Promise<string> {
  const requirements = join(here, `${name}.txt`)
  const { stdout: version } = await execa(python, ['--version'])
  const key = createHash('sha256').update(version).update(readFileSync(requirements)).digest('hex').slice(0, 16)
  const folder = join(kept, `${name}-${key}`)
  if (!existsSync(join(folder, 'whole'))) {
    rmSync(folder, { recursive: true, force: true })
    await execa(python, ['-m', 'venv', folder], { timeout: 300_000 })
    await execa(join(folder, 'bin', 'pip'), ['install', '--quiet', '--requirement', requirements], {
      timeout: 1_200_000,
    })
    await execa('touch', [join(folder, 'partial')])
    renameSync(join(folder, 'partial'), join(folder, 'whole'))
  }
  return join(folder, 'bin', 'python')
}
