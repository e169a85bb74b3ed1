import { execa } from 'execa'
import { Fault } from '../errors.ts'
import { gitVariables } from './environment.ts'

export interface GitObject {
  readonly id: string
  readonly type: string
  readonly content: Buffer
}

interface Question {
  readonly resolve: (object: GitObject | null) => void
  readonly reject: (error: unknown) => void
}

/** Reads objects through one long-lived `git cat-file --batch`, started at the first question. */
export interface ObjectReader {
  /** The object that a name (an id, `commit:path`, `tree^{tree}`) stands for, or null where there is none. */
  read(name: string): Promise<GitObject | null>
  close(): Promise<void>
}

export function openObjectReader(folder: string, variables: Readonly<Record<string, string>>): ObjectReader {
  let running: ReturnType<typeof startBatch> | null = null
  return {
    read(name) {
      // One line is one question: a newline in a name would ask two, and every later answer would go to the wrong one.
      if (/[\n\0]/.test(name)) return Promise.resolve(null)
      if (running === null || running.ended()) running = startBatch(folder, variables)
      return running.ask(name)
    },
    async close() {
      await running?.close()
      running = null
    },
  }
}

function startBatch(folder: string, variables: Readonly<Record<string, string>>) {
  const child = execa('git', ['cat-file', '--batch'], {
    cwd: folder,
    env: { ...gitVariables(), ...variables },
    encoding: 'buffer',
    stdin: 'pipe',
    buffer: { stdout: false, stderr: true },
    reject: false,
  })
  const waiting: Question[] = []
  const parser = answerParser((object) => waiting.shift()?.resolve(object))
  let over = false
  child.stdout.on('data', (chunk: Buffer) => parser(chunk))
  child.stdin.on('error', () => child.kill())
  const ending = child.then((result) => {
    over = true
    const error = new Fault('git', `git cat-file ended with ${result.exitCode ?? result.signal ?? 'an error'}`)
    for (const question of waiting.splice(0)) question.reject(error)
  })
  return {
    ended: () => over,
    ask(name: string): Promise<GitObject | null> {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${name}\n`)
      })
    },
    async close() {
      child.stdin.end()
      await ending
    },
  }
}

/** Cuts the stream `<id> <type> <size>\n<content>\n` into objects; `<name> missing\n` and `ambiguous` are null. */
function answerParser(emit: (object: GitObject | null) => void): (chunk: Buffer) => void {
  let pending: Buffer[] = []
  let size = 0
  let needed = 1
  return (chunk) => {
    pending.push(chunk)
    size += chunk.length
    // A large blob comes in many chunks: joined once it is whole, not at each of them.
    if (size < needed) return
    let data = pending.length === 1 ? chunk : Buffer.concat(pending)
    for (;;) {
      const step = nextAnswer(data)
      needed = step.needed
      if (step.used === 0) break
      data = data.subarray(step.used)
      emit(step.object)
    }
    pending = data.length === 0 ? [] : [data]
    size = data.length
  }
}

function nextAnswer(data: Buffer): { used: number; needed: number; object: GitObject | null } {
  const end = data.indexOf(10)
  if (end < 0) return { used: 0, needed: data.length + 1, object: null }
  const head = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(data.toString('latin1', 0, end))
  if (head === null) return { used: end + 1, needed: 1, object: null }
  const [, id = '', type = '', size = '0'] = head
  const stop = end + 1 + Number(size)
  if (data.length < stop + 1) return { used: 0, needed: stop + 1, object: null }
  // Copied, so that a small object does not hold a whole chunk of the stream in memory.
  return { used: stop + 1, needed: 1, object: { id, type, content: Buffer.from(data.subarray(end + 1, stop)) } }
}
