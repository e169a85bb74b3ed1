import { UserError } from '../errors.ts'
import { createBubblewrap } from './bubblewrap.ts'
import type { Sandbox, SandboxFactory, SandboxOptions } from './types.ts'

/** Every kind of sandbox, by name: one line each. */
export const sandboxes: Readonly<Record<string, SandboxFactory>> = {
  bubblewrap: createBubblewrap,
}

export const defaultSandbox = 'bubblewrap'

/** Throws UserError for a name that is not there. */
export function createSandbox(name: string, options: SandboxOptions): Sandbox {
  const factory = sandboxes[name]
  if (factory === undefined) {
    throw new UserError(`There is no sandbox "${name}".`, { mend: `Known: ${Object.keys(sandboxes).join(', ')}.` })
  }
  return factory(options)
}

export * from './addresses.ts'
export { upperOf } from './upper.ts'
