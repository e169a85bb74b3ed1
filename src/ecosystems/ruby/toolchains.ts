import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { refuse } from '../../model/index.ts'
import type { Toolchains, ToolOptions } from '../types.ts'
import { compareVersions, meets } from './requirements.ts'

/** A Ruby of the machine, with the gems that it finds. */
interface Installed {
  readonly folder: string
  readonly version: string
  /** All that it says of itself. */
  readonly digest: string
  /** Names the set of gems: another set is another tool. */
  readonly gems: string
}

/** A Ruby that lies in the machine's own folders; those below a home have their paths built in, and would not find themselves at `/env`. */
const places = ['/usr/local', '/usr']

/**
 * The tools of Ruby: `ruby`, one of the machine's own, and `gems`, what it finds of gems (Debian's packages). Nothing is downloaded. The version of
 * `gems` is a digest of their names and versions, so that an environment made with others is another one.
 */
export function openToolchains(_: Pick<ToolOptions, 'environment'>): Toolchains {
  let found: Promise<readonly Installed[]> | null = null
  const installed = () => {
    found ??= findRubies()
    return found
  }
  return {
    resolveVersion: async (name, wanted) => {
      const rubies = await installed()
      if (name === 'gems') return rubies.find(({ version }) => version === wanted)?.gems ?? null
      return name === 'ruby'
        ? resolveRuby(
            rubies.map(({ version }) => version),
            wanted,
          )
        : null
    },
    provide: async (name, version) => {
      const rubies = await installed()
      const tool = rubies.find((each) => (name === 'gems' ? each.gems : each.version) === version)
      if (tool === undefined)
        return refuse('toolchain-not-available', { tool: name, version, detail: `${name} ${version}` })
      return { folder: tool.folder, digest: name === 'gems' ? `gems:${tool.gems}` : tool.digest }
    },
  }
}

/** The newest of the machine's versions that meets a requirement of RubyGems; `3.1` is any of its patches. */
export function resolveRuby(versions: readonly string[], wanted: string): string | null {
  const text = wanted.replace(/^ruby-?/, '').trim()
  const requirement = /^\d+(?:\.\d+)?$/.test(text) ? `~> ${text}.0` : text
  return versions.toSorted(compareVersions).findLast((version) => meets(version, requirement)) ?? null
}

async function findRubies(): Promise<readonly Installed[]> {
  const found: Installed[] = []
  for (const folder of places) {
    for (const program of await programsIn(folder)) {
      const ruby = await ask(folder, program)
      if (ruby !== null && !found.some(({ version }) => version === ruby.version)) found.push(ruby)
    }
  }
  return found
}

/** Only what `ruby` names is used: a strategy starts it by that name. */
async function programsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'bin')).catch(() => [])
  return names.filter((name) => name === 'ruby')
}

const question = `
puts RUBY_VERSION, RUBY_DESCRIPTION
Gem::Specification.each { |spec| puts spec.full_name if spec.base_dir.start_with?('/usr/') || spec.default_gem? }
`

/** Null where the folder has no Ruby that starts. The home and its gems are not what a sandbox sees. */
async function ask(folder: string, program: string): Promise<Installed | null> {
  const { exitCode, stdout } = await execa(join(folder, 'bin', program), ['-e', question], {
    reject: false,
    timeout: 20_000,
    stdin: 'ignore',
    extendEnv: false,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', LANG: 'C.UTF-8' },
  })
  const [version, description, ...gems] = stdout.split('\n')
  if (exitCode !== 0 || version === undefined || description === undefined) return null
  const digest = createHash('sha256').update(gems.toSorted().join('\n')).digest('hex').slice(0, 16)
  return { folder, version, digest: description, gems: digest }
}
