import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'

const kept = join(import.meta.dirname, '..', 'node_modules', '.cache', 'quarry-python')
const candidates = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python']

/** A Python that is as new as `minimum`, `3.12`, with venv and pip; null where this machine has none. */
export async function findPython(minimum: string): Promise<string | null> {
  const [major, minor] = minimum.split('.')
  const script = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${major}, ${minor}))`
  for (const name of [...candidates, ...(await pyenvPythons())]) {
    const asked = await execa(name, ['-c', script], { reject: false })
    if (asked.exitCode === 0) return name
  }
  return null
}

/** What a test says that is skipped for want of one. */
export const withoutPython = (minimum: string) => `skipped: there is no Python ${minimum} or newer with venv and pip`

/** Those that pyenv holds, and shows to nobody until they are chosen. */
async function pyenvPythons(): Promise<string[]> {
  const { exitCode, stdout } = await execa('pyenv', ['root'], { reject: false })
  if (exitCode !== 0) return []
  const versions = join(stdout.trim(), 'versions')
  return readdirSync(versions).map((name) => join(versions, name, 'bin', 'python3'))
}

/** An environment with the packages of a requirements file, kept from one run to the next. Gives the folder of its programs. */
export async function pythonEnvironment(python: string, requirements: string): Promise<string> {
  const { stdout: version } = await execa(python, ['--version'])
  const key = createHash('sha256').update(version).update(readFileSync(requirements)).digest('hex').slice(0, 16)
  const folder = join(kept, key)
  const whole = join(folder, 'whole')
  if (!existsSync(whole)) {
    rmSync(folder, { recursive: true, force: true })
    await makeEnvironment(python, folder, ['--requirement', requirements])
    writeFileSync(whole, '')
  }
  return join(folder, 'bin')
}

/** A new environment with what `pip install` is given. */
export async function makeEnvironment(python: string, folder: string, packages: readonly string[]): Promise<void> {
  await execa(python, ['-m', 'venv', folder], { timeout: 300_000 })
  const quiet = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
  await execa(join(folder, 'bin', 'python'), [...quiet, ...packages], { timeout: 1_200_000 })
}
