import { appendFileSync, chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { dataFolder, type Environment } from '../config.ts'
import { messageOf, UserError } from '../errors.ts'

/** The file with settings, in the data folder: found from any folder, by servers and workers alike. */
export function environmentFile(home: string): string {
  return join(home, '.env')
}

/** The environment, and what the file in the data folder says besides. The environment wins; empty counts as not set. */
export function withEnvironmentFile(environment: Environment): Environment {
  const home = dataFolder(environment)
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const file = readEnvironmentFile(environmentFile(home))
  // The key is one setting under two names.
  if (set.PRIVATE_KEY !== undefined || set.PRIVATE_KEY_PATH !== undefined) {
    delete file.PRIVATE_KEY
    delete file.PRIVATE_KEY_PATH
  }
  return { ...file, ...set, QUARRY_HOME: home }
}

function readEnvironmentFile(path: string): Record<string, string | undefined> {
  try {
    return { ...parseEnv(readFileSync(path, 'utf8')) }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    if (code === 'ENOENT' || code === 'ENOTDIR') return {}
    throw new UserError(`${path} can't be read: ${messageOf(cause)}`, {
      mend: 'make it readable for the user that runs Quarry, or remove it',
      cause,
    })
  }
}

/**
 * Adds settings at the end of the file, where they win over earlier lines, and closes it to everybody else. What was there stays.
 * No value may hold a double quote; line ends become `\n`.
 */
export function addToEnvironmentFile(home: string, why: string, values: Readonly<Record<string, string>>): void {
  const path = environmentFile(home)
  const lines = Object.entries(values).map(([name, value]) => `${name}="${value.trim().replaceAll('\n', '\\n')}"`)
  mkdirSync(dirname(path), { recursive: true })
  // Before the first secret is in it.
  appendFileSync(path, '', { mode: 0o600 })
  chmodSync(path, 0o600)
  appendFileSync(path, `\n# ${why}\n${lines.join('\n')}\n`, { flush: true })
}
