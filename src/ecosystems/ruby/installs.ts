import { readFileSync } from 'node:fs'
import type { Command, Flag, Strategy } from '../../model/index.ts'
import { environmentFolder } from '../places.ts'

/** What an install leaves: a list of gems of our own, which bundler is told of by BUNDLE_GEMFILE. */
export const gemsFolder = `${environmentFolder}/ruby`

/** Way to the gems, and what sets it apart. */
export interface Install {
  readonly name: string
  readonly commands: readonly Command[]
  readonly variables: Readonly<Record<string, string>>
  readonly flags: readonly Flag[]
  readonly overrides: Strategy['overrides']
  readonly evidence: string
}

interface Manifests {
  readonly gemfile: string | null
  readonly hasLockfile: boolean
  readonly hasGemspec: boolean
}

const scriptPath = `${gemsFolder}/gems.rb`

const local = command('bundle', 'install', '--local', '--quiet')

/**
 * As locked; as the Gemfile says, resolved among what the machine has; with those of its gems alone that the machine has, which is enough where the
 * others check style or gather coverage. No gem is downloaded: these are Debian's.
 */
export function installs(
  { gemfile, hasLockfile, hasGemspec }: Manifests,
  loaded: readonly string[],
): readonly Install[] {
  const found: Install[] = []
  const script = { path: scriptPath, content: readFileSync(new URL('./gems.rb', import.meta.url), 'utf8') }
  if (gemfile !== null && hasLockfile) {
    const variables = { ...bundled(gemfile), BUNDLE_FROZEN: 'true' }
    const evidence = 'gems ← Gemfile.lock'
    found.push({ name: 'lockfile', commands: [local], variables, flags: [], overrides: [], evidence })
  }
  if (gemfile !== null) {
    found.push({
      name: 'machine',
      commands: [listing('whole', gemfile), local],
      variables: bundled(`${gemsFolder}/Gemfile`),
      flags: [],
      overrides: [script],
      evidence: `gems ← ${gemfile}, of the machine's`,
    })
  }
  const isTrimmed = gemfile !== null || hasGemspec
  found.push({
    name: isTrimmed ? 'machine-trimmed' : 'machine-plain',
    commands: [listing('trimmed', ...loaded)],
    variables: isTrimmed ? { BUNDLE_GEMFILE: `/testbed/${gemsFolder}/Gemfile` } : {},
    flags: isTrimmed ? ['dependencies-trimmed'] : [],
    overrides: [script],
    evidence: 'gems ← those of the manifests that the machine has',
  })
  return found
}

/** As `bundle exec` does it, for whatever Ruby is started. */
function bundled(gemfile: string): Readonly<Record<string, string>> {
  return { BUNDLE_GEMFILE: `/testbed/${gemfile}`, RUBYOPT: '-rbundler/setup' }
}

function listing(...given: readonly string[]): Command {
  return command('ruby', scriptPath, ...given)
}

function command(...argv: readonly string[]): Command {
  return { argv, directory: '.', variables: { RUBYOPT: '' } }
}
