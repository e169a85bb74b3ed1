import { join } from 'node:path'
import { execa } from 'execa'
import { pythonEnvironment } from '../../python.ts'

const here = import.meta.dirname

/** Runs `read-<name>.py` with the packages of `<name>.txt`. Gives what it printed. */
export async function runConsumer(python: string, name: string, folder: string): Promise<unknown> {
  const programs = await pythonEnvironment(python, join(here, `${name}.txt`))
  const { stdout } = await execa(join(programs, 'python'), [join(here, `read-${name}.py`), folder], {
    env: { HF_HUB_OFFLINE: '1', HF_HOME: join(folder, 'hf'), PYTHONWARNINGS: 'ignore' },
    timeout: 600_000,
  })
  return JSON.parse(stdout.split('\n').at(-1) ?? '')
}
