import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import { gitVariables } from './environment.ts'

export interface ShellAnswer {
  /** Null where the shell did not come to the end of the script. */
  readonly exitCode: number | null
  readonly stdout: Buffer
  readonly stderr: string
  /** Why there is no exit code. */
  readonly ended: string | null
}

interface Shell {
  readonly child: ReturnType<typeof spawnShell>
  /** Ends what a script wrote. Nobody who writes there knows it. */
  readonly mark: string
}

/** Those that wait for a script. */
const idle: Shell[] = []
const MOST_IDLE = 8

/**
 * Runs a script with git's variables in a shell that waits for one, and starts one where none does: to start a process, however small, takes
 * one as large as ours ten milliseconds, and a shell hardly any. `input`: a file to read. The shell ends with this process.
 */
export async function runInShell(
  script: string,
  { input, deadlineSeconds, cap }: { readonly input: string; readonly deadlineSeconds: number; readonly cap: number },
): Promise<ShellAnswer> {
  const shell = takeIdle() ?? startShell()
  keepAlive(shell, true)
  const answer = await converse(shell, `(${script}\n) <${input}`, deadlineSeconds * 1000, cap)
  if (answer.ended === null && idle.length < MOST_IDLE) {
    keepAlive(shell, false)
    idle.push(shell)
  } else end(shell)
  return answer
}

function takeIdle(): Shell | null {
  for (let shell = idle.pop(); shell !== undefined; shell = idle.pop()) {
    if (shell.child.exitCode === null && shell.child.signalCode === null) return shell
  }
  return null
}

function startShell(): Shell {
  const child = spawnShell()
  // Where it is gone, writing to it fails; how it ended is told to whoever uses it then.
  child.stdin.on('error', () => child.stdin.destroy())
  return { child, mark: randomBytes(16).toString('hex') }
}

function spawnShell() {
  return execa('/bin/sh', [], {
    cwd: '/',
    env: gitVariables(),
    stdin: 'pipe',
    buffer: false,
    // A session of its own: an interrupt at the terminal reaches Quarry alone.
    detached: true,
    reject: false,
  })
}

const FAILED_TO_START = 'could not be started'

async function converse(shell: Shell, script: string, patienceMs: number, cap: number): Promise<ShellAnswer> {
  const { child, mark } = shell
  const { promise: over, resolve: giveUp } = Promise.withResolvers<string>()
  const exited = (code: number | null, signal: string | null) => giveUp(`was ended by ${signal ?? `exit code ${code}`}`)
  const failed = () => giveUp(FAILED_TO_START)
  // Only of one that never started: what it started may live on and hold its pipes, which the promise waits for.
  if (child.pid === undefined) child.then(failed, failed)
  child.once('exit', exited)
  const patience = setTimeout(() => giveUp('took too long'), patienceMs)
  const tooMuch = () => giveUp('wrote too much')
  const [out, err] = [readTo(child.stdout, mark, cap, tooMuch), readTo(child.stderr, mark, cap, tooMuch)]
  child.stdin.write(`${script}\ncode=$?\nprintf '${mark}%03d' $code\nprintf '${mark}%03d' $code >&2\n`)
  const ended = await Promise.race([over, Promise.all([out.whole, err.whole]).then(() => null)])
  clearTimeout(patience)
  child.off('exit', exited)
  const [stdout, stderr] = [out.stop(), err.stop()]
  return { exitCode: ended === null ? stdout.code : null, stdout: stdout.bytes, stderr: stderr.bytes.toString(), ended }
}

/** Three digits follow the mark. */
const CODE = 3

/** Reads a stream until it ends in the mark. */
function readTo(stream: Readable, mark: string, cap: number, tooMuch: () => void) {
  const { promise: whole, resolve } = Promise.withResolvers<void>()
  const chunks: Buffer[] = []
  let size = 0
  let tail = ''
  const take = (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size > cap) tooMuch()
    tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - mark.length - CODE))).slice(-mark.length - CODE)
    if (tail.startsWith(mark)) resolve()
  }
  stream.on('data', take)
  return {
    whole,
    stop() {
      stream.off('data', take)
      const all = Buffer.concat(chunks)
      const marked = tail.startsWith(mark)
      return {
        bytes: marked ? all.subarray(0, all.length - mark.length - CODE) : all,
        code: marked ? Number(tail.slice(-CODE)) : null,
      }
    },
  }
}

/** Whether a program that has nothing else to do stays for this shell. */
function keepAlive({ child }: Shell, keeps: boolean): void {
  for (const each of [child, ...child.stdio.filter((one) => one instanceof Socket)]) {
    if (keeps) each.ref()
    else each.unref()
  }
}

/** With all that it started, which may outlive it. */
function end({ child }: Shell): void {
  child.stdin.destroy()
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
