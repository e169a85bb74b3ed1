/** Runs as a child process, perhaps as another user: holds a sandbox and does what the parent's messages ask. */
import { createSandbox } from '../../src/sandboxes/index.ts'
import type { SandboxOptions, SandboxSpec } from '../../src/sandboxes/types.ts'

export type Request =
  | { readonly id: number; readonly method: 'inspect' | 'scratch' | 'sweep' | 'close' }
  | { readonly id: number; readonly method: 'discard' | 'adopt'; readonly folder: string }
  | { readonly id: number; readonly method: 'run'; readonly spec: SandboxSpec }

export interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly name: string; readonly message: string }
}

export interface HostArguments {
  readonly kind: string
  readonly options: SandboxOptions
}

const { kind, options }: HostArguments = JSON.parse(process.argv[2] ?? '')
const sandbox = createSandbox(kind, options)

async function perform(request: Request): Promise<unknown> {
  if (request.method === 'run') return sandbox.run(request.spec)
  if (request.method === 'discard' || request.method === 'adopt') return sandbox[request.method](request.folder)
  return sandbox[request.method]()
}

process.on('message', async (request: Request) => {
  const { id } = request
  try {
    process.send?.({ id, value: await perform(request) } satisfies Answer)
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    process.send?.({ id, error: { name, message } } satisfies Answer)
  }
})
