import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Programs of the host's /usr that an install or a build may call: their versions are part of what the root is. */
const programs = ['ldd', 'cc', 'c++', 'make', 'python3', 'git'] as const

/**
 * What the sandbox's root is: distribution, processor and a digest over the versions of what installs use of it, e.g.
 * `debian-12-x64-1f0c9a2b`. Part of every environment's key; a worker takes only tasks whose root it has.
 */
export async function describeRoot(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? 'unknown'
  const versions = await Promise.all(programs.map(firstLine))
  const digest = createHash('sha256').update(versions.join('\n')).digest('hex').slice(0, 8)
  return `${field('ID')}-${field('VERSION_ID')}-${process.arch}-${digest}`
}

/** An absent program is a fact about the root, not a failure. */
async function firstLine(program: string): Promise<string> {
  const { stdout } = await execute(program, ['--version'], { timeout: 10_000 }).catch(() => ({ stdout: '' }))
  return `${program}: ${stdout.split('\n')[0] ?? ''}`
}
