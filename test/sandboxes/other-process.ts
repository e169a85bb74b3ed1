import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import type { Finding, Sandbox, SandboxResult } from '../../src/sandboxes/types.ts'
import type { Answer, HostArguments, Request } from './sandbox-host.ts'

const project = path.resolve(import.meta.dirname, '../..')

/** Someone with no account, no group and no rights. */
export const ordinaryUser = 54_321

export interface HostedSandbox {
  readonly sandbox: Sandbox
  readonly child: ChildProcess
}

/**
 * A sandbox held by a child process. `user`: run it as that user; the project is bound to a place that everyone can
 * reach, in a mount namespace of the child's own, as a clone may be in a folder closed to others.
 */
export function sandboxInOtherProcess(host: HostArguments, user: number | null): HostedSandbox {
  const seen = user === null ? project : '/mnt'
  const node = user === null ? [path.join(project, 'node_modules/.bin/node')] : asUser(user)
  const [execPath = '', ...execArgv] = node
  const child = fork(path.join(seen, 'test/sandboxes/sandbox-host.ts'), [JSON.stringify(host)], {
    execPath,
    execArgv,
    serialization: 'advanced',
  })
  return { sandbox: proxy(host.kind, child), child }
}

function asUser(user: number): string[] {
  const script =
    'mount --bind "$1" /mnt && shift && exec setpriv --reuid "$1" --regid "$1" --clear-groups "$2" "$3" "$4"'
  const node = '/mnt/node_modules/.bin/node'
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', project, String(user), node]
}

type Body = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

function proxy(name: string, child: ChildProcess): Sandbox {
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.once('exit', (code, signal) => {
    const error = { name: 'Error', message: `The sandbox's process ended: ${code ?? signal}` }
    for (const [id, settle] of waiting) settle({ id, error })
  })
  const ask = async (request: Body): Promise<unknown> => {
    last += 1
    const id = last
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve))
    child.send({ ...request, id })
    const { value, error } = await answered
    if (error !== undefined) throw Object.assign(new Error(error.message), { name: error.name })
    return value
  }
  return {
    name,
    inspect: async () => (await ask({ method: 'inspect' })) as readonly Finding[],
    scratch: async () => (await ask({ method: 'scratch' })) as string,
    async discard(folder) {
      await ask({ method: 'discard', folder })
    },
    async adopt(folder) {
      await ask({ method: 'adopt', folder })
    },
    run: async (spec) => (await ask({ method: 'run', spec })) as SandboxResult,
    sweep: async () => (await ask({ method: 'sweep' })) as Awaited<ReturnType<Sandbox['sweep']>>,
    async close() {
      await ask({ method: 'close' })
    },
  }
}
