import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'

export interface GitObject {
  readonly oid: string
  readonly type: string
  readonly content: Buffer
}

/** Reads one bare repository. Objects come from one `git cat-file` that lives until `close`, in about 0.1 ms each. */
export interface GitObjects {
  /** By any name git knows (`HEAD:a.txt`); `null` where there is none. */
  read(name: string): Promise<GitObject | null>
  text(args: readonly string[]): Promise<string>
  close(): void
}

/** No setting of the machine or of the repository's owner has a say. */
export const gitVariables = {
  PATH: process.env.PATH ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '4',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
  GIT_CONFIG_KEY_1: 'http.receivepack',
  GIT_CONFIG_VALUE_1: 'false',
  GIT_CONFIG_KEY_2: 'uploadpack.allowAnySHA1InWant',
  GIT_CONFIG_VALUE_2: 'true',
  GIT_CONFIG_KEY_3: 'uploadpack.allowFilter',
  GIT_CONFIG_VALUE_3: 'true',
}

type Waiting = { resolve(found: GitObject | null): void; reject(reason: Error): void }
type Reader = { process: ChildProcessByStdio<Writable, Readable, null>; waiting: Waiting[] }

const run = promisify(execFile)

export function openObjects(gitDir: string): GitObjects {
  let reader: Reader | null = null
  return {
    async read(name) {
      if (name.includes('\n')) return null
      reader ??= startReader(gitDir, () => {
        reader = null
      })
      const { process, waiting } = reader
      return await new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        // What is asked for at once goes out at once: a page of a hundred pulls is one write.
        process.stdin.cork()
        process.stdin.write(`${name}\n`)
        setImmediate(() => process.stdin.uncork())
      })
    },
    async text(args) {
      const options = { env: gitVariables, maxBuffer: 256 * 1024 * 1024, timeout: 60_000 }
      const { stdout } = await run('git', ['--git-dir', gitDir, ...args], options)
      return stdout
    },
    close() {
      reader?.process.kill()
      reader = null
    },
  }
}

/** `ended`: the process is no more, and whoever reads next starts another. */
function startReader(gitDir: string, ended: () => void): Reader {
  const argv = ['--git-dir', gitDir, 'cat-file', '--batch', '--follow-symlinks']
  const child = spawn('git', argv, { env: gitVariables, stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting: Waiting[] = []
  let received: Buffer = Buffer.alloc(0)
  const fail = (reason: Error) => {
    for (const each of waiting.splice(0)) each.reject(reason)
  }
  child.on('error', fail)
  child.stdin.on('error', fail)
  child.on('close', () => {
    ended()
    fail(new Error(`git cat-file in ${gitDir} ended`))
  })
  child.stdout.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    for (let answer = firstAnswer(received); answer !== null; answer = firstAnswer(received)) {
      received = received.subarray(answer.length)
      waiting.shift()?.resolve(answer.object)
    }
  })
  return { process: child, waiting }
}

/** `<oid> <type> <size>`, a line of its own, then the content and a line's end; what isn't there has other words. */
function firstAnswer(bytes: Buffer): { object: GitObject | null; length: number } | null {
  const end = bytes.indexOf('\n')
  if (end < 0) return null
  const head = bytes.subarray(0, end).toString()
  const found = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(head)
  const elsewhere = /^(symlink|dangling|loop|notdir) (\d+)$/.exec(head)
  const size = found?.[3] ?? elsewhere?.[2]
  if (size === undefined) return { object: null, length: end + 1 }
  const length = end + 1 + Number(size) + 1
  if (bytes.length < length) return null
  if (found === null) return { object: null, length }
  // A copy, so that a small object doesn't keep the whole chunk it came in.
  const content = Buffer.from(bytes.subarray(end + 1, length - 1))
  return { object: { oid: found[1] ?? '', type: found[2] ?? '', content }, length }
}
