import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Halves the start of a program that opens the database. */
const COMMONJS_DRIZZLE = new URL('../src/db/commonjs-drizzle.ts', import.meta.url).href

/** A real process of the test's own, that tells on standard output how far it is. */
export interface Program {
  readonly pid: number
  /** Resolves with the rest of the first line, not heard before, that starts with `word`. Rejects where the process ends without it. */
  heard(word: string): Promise<string>
  /** Closes its standard input, which the programs take as "go on to the end", and gives the exit code. */
  finish(): Promise<number | null>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/** Runs a TypeScript file, or any command where `argv` starts with one. Standard error goes to the test's. */
export function startProgram(argv: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): Program {
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: options.env ?? process.env,
  })
  const exited = once(child, 'exit')
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const closed = once(reader, 'close')
  return {
    pid: child.pid ?? 0,
    heard: (word) => hear(word, lines, reader, closed),
    finish: async () => {
      child.stdin.end()
      await exited
      return child.exitCode
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Node itself with a file of the tests: `startProgram(node(new URL('programs/x.ts', import.meta.url), 'argument'))`. */
export function node(file: URL, ...argv: string[]): string[] {
  return [process.execPath, '--import', COMMONJS_DRIZZLE, file.pathname, ...argv]
}

async function hear(
  word: string,
  lines: string[],
  reader: NodeJS.EventEmitter,
  closed: Promise<unknown>,
): Promise<string> {
  const ended = closed.then(() => true)
  for (;;) {
    const at = lines.findIndex((line) => line.startsWith(word))
    if (at >= 0) return (lines.splice(at, 1)[0] ?? '').slice(word.length).trim()
    const over = await Promise.race([once(reader, 'line').then(() => false), ended])
    if (over && !lines.some((line) => line.startsWith(word)))
      throw new Error(`the program ended without saying "${word}"`)
  }
}
