import { execa } from 'execa'
import { Fault } from '../errors.ts'
import { gitVariables } from './environment.ts'

export interface GitOptions {
  readonly input?: Buffer | string
  readonly variables?: Readonly<Record<string, string>>
  /** Further git settings; they travel in variables, so secrets may stand here. */
  readonly settings?: Readonly<Record<string, string>>
  readonly deadlineSeconds?: number
  readonly signal?: AbortSignal
  /** Called with what git writes to standard error, as it comes. */
  readonly onProgress?: (text: string) => void
}

export interface GitAnswer {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
}

export const OUTPUT_CAP = 1024 * 1024 * 1024
export const DEADLINE_SECONDS = 600

/**
 * Runs git in a folder and answers with its exit code. Throws `Fault('git')` when it can't be started, runs past its deadline or is
 * killed. git takes its own children down with it (`clean_on_exit`), so ending it alone leaves nothing behind.
 */
export async function askGit(folder: string, args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
  const child = execa('git', args, {
    cwd: folder,
    env: { ...gitVariables(options.settings), ...options.variables },
    encoding: 'buffer',
    input: options.input === undefined ? '' : bytes(options.input),
    maxBuffer: OUTPUT_CAP,
    timeout: (options.deadlineSeconds ?? DEADLINE_SECONDS) * 1000,
    forceKillAfterDelay: 2000,
    stripFinalNewline: false,
    reject: false,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  })
  child.stderr.on('data', (chunk: Buffer) => options.onProgress?.(chunk.toString('utf8')))
  const result = await child
  const stderr = Buffer.from(result.stderr).toString('utf8')
  if (result.exitCode === undefined) throw gitFault(`git ${args[0] ?? ''}`, describe(result), stderr, result)
  return { exitCode: result.exitCode, stdout: Buffer.from(result.stdout), stderr }
}

/** Runs git and gives its standard output; any exit code but 0 is a `Fault('git')`. */
export async function git(folder: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const answer = await askGit(folder, args, options)
  if (answer.exitCode !== 0) throw gitFault(`git ${args[0] ?? ''}`, `ended with ${answer.exitCode}`, answer.stderr)
  return answer.stdout
}

/** As `git`, as text without the closing newline. */
export async function gitText(folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await git(folder, args, options)).toString('utf8').replace(/\n$/, '')
}

/** Streams git's standard output; a failure is thrown after the last chunk. Leaving the loop early ends the process. */
export async function* gitStream(
  folder: string,
  args: readonly string[],
  options: GitOptions = {},
): AsyncGenerator<Buffer> {
  const child = execa('git', args, {
    cwd: folder,
    env: { ...gitVariables(options.settings), ...options.variables },
    encoding: 'buffer',
    input: options.input === undefined ? '' : bytes(options.input),
    buffer: { stdout: false, stderr: true },
    maxBuffer: OUTPUT_CAP,
    reject: false,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  })
  let drained = false
  try {
    for await (const chunk of child.stdout) yield Buffer.from(chunk)
    drained = true
  } finally {
    if (!drained) child.kill()
  }
  const result = await child
  if (result.exitCode !== 0)
    throw gitFault(`git ${args[0] ?? ''}`, describe(result), Buffer.from(result.stderr).toString('utf8'), result)
}

function bytes(input: Buffer | string): Uint8Array {
  return typeof input === 'string' ? Buffer.from(input) : input
}

function describe(result: { timedOut: boolean; isMaxBuffer: boolean; exitCode?: number; signal?: string }): string {
  if (result.timedOut) return 'took too long'
  if (result.isMaxBuffer) return 'wrote too much'
  if (result.exitCode !== undefined) return `ended with ${result.exitCode}`
  return result.signal === undefined ? 'could not be started' : `was ended by ${result.signal}`
}

/** `name`: what ran; `what`: how it ended. A full disk is told from the rest by what git said. */
export function gitFault(name: string, what: string, stderr: string, cause?: unknown): Fault {
  const detail = stderr.trim().split('\n').slice(-3).join(' ').slice(0, 500)
  const full = isDiskFull(stderr)
  return new Fault(full ? 'disk-full' : 'git', `${name} ${what}${detail === '' ? '' : `: ${detail}`}`, {
    ...(full ? { mend: 'free some disk space, then run the command again' } : {}),
    ...(cause instanceof Error ? { cause } : {}),
  })
}

export function isDiskFull(stderr: string): boolean {
  return /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/.test(stderr)
}
