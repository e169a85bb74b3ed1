import { spawn } from 'node:child_process'
import { Fault } from '../errors.ts'

/** Where the system's own tools are looked for: never the caller's PATH, which a repository's tools may be on. */
export const systemPath = '/usr/sbin:/usr/bin:/sbin:/bin'

const deadlineMs = 10 * 60_000
const mostOutput = 64 * 1024

/** Runs one of the system's own tools to its end; gives what it printed. Throws Fault('sandbox') with what it said. */
export async function runTool(command: string, argv: readonly string[]): Promise<string> {
  const child = spawn(command, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: systemPath, LC_ALL: 'C' },
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  })
  let printed = ''
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed = `${printed}${chunk}`.slice(0, mostOutput)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(0, mostOutput)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new Fault('sandbox', `${command} can't be started.`, { cause })))
    child.once('close', resolve)
  })
  if (code === 0) return printed
  throw new Fault('sandbox', `${command} failed: ${said.trim()}`)
}
