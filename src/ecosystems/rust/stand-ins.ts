import semver from 'semver'
import type { GitDependency } from './git-dependencies.ts'
import { standInsFolder } from './installs.ts'

/** Empty crates in the place of those that only a git host has. */
export interface StandIns {
  /** For cargo's settings: each repository on a git host is replaced by the folder of the empty crates. */
  readonly configuration: string
  /** A line each: name, version, features. */
  readonly crates: string
  /** The lockfile with them in it: cargo replaces no repository that none names. */
  readonly lockfile: string
}

interface StandIn {
  readonly name: string
  readonly version: string
  readonly features: readonly string[]
  readonly source: string
}

/**
 * Lets cargo resolve and build the rest. What uses an empty crate does not compile, and is told as such in all states alike; everything else is tested. A crate that
 * takes another's place (`[patch]`) gets a version that nothing asks for, and cargo leaves it unused. Null: there are none, or such as no
 * crate can be called.
 */
export function standIns(found: readonly GitDependency[], lockfile: string | null): StandIns | null {
  if (found.length === 0) return null
  if (!found.every(({ name, features }) => [name, ...features].every((each) => /^[\w+.-]+$/.test(each)))) return null
  const { head, packages } = readLockfile(lockfile)
  const locked = packages.filter(({ source }) => source.startsWith('git+'))
  const crates = [...new Set(found.map(({ name }) => name))].map((name): StandIn => {
    const asked = found.filter((each) => each.name === name)
    const known = locked.find((each) => each.name === name)
    const features = [...new Set(asked.flatMap((each) => each.features))]
    return { name, features, version: versionOf(asked, known), source: known?.source ?? sourceOf(asked[0]) }
  })
  const kept = packages.filter((each) => !locked.includes(each)).map(({ text }) => text.trimEnd())
  return {
    configuration: configurationOf(found),
    crates: crates.map(({ name, version, features }) => `${[name, version, ...features].join(' ')}\n`).join(''),
    lockfile: `${[head.trimEnd(), ...kept, ...crates.map(lockedAs)].join('\n\n')}\n`,
  }
}

interface Locked {
  readonly name: string
  readonly version: string
  readonly source: string
  readonly text: string
}

function readLockfile(lockfile: string | null): { readonly head: string; readonly packages: readonly Locked[] } {
  const [head = '', ...packages] = (lockfile ?? 'version = 3\n').split(/^(?=\[\[package\]\])/m)
  const value = (text: string, key: string) => new RegExp(`^${key} = "(.*)"$`, 'm').exec(text)?.[1] ?? ''
  return {
    head,
    packages: packages.map((text) => ({
      ...{ name: value(text, 'name'), version: value(text, 'version'), source: value(text, 'source'), text },
    })),
  }
}

/** What all who ask for it take: the locked one, or the least of the first that says; of another's stand-in nobody. */
function versionOf(asked: readonly GitDependency[], locked: Locked | undefined): string {
  if (asked.every(({ kind }) => kind === 'patch')) return '0.0.0-left-out'
  if (locked !== undefined) return locked.version
  const least = asked.flatMap(({ requirement }) => {
    const range = requirement === null ? null : semver.validRange(requirement.replaceAll(',', ' '))
    return range === null ? [] : (semver.minVersion(range)?.version ?? [])
  })
  return least[0] ?? '0.0.0'
}

/** As cargo writes it into a lockfile; the commit is nobody's. */
function sourceOf(dependency: GitDependency | undefined): string {
  if (dependency === undefined) return ''
  const { url, reference } = dependency
  return `git+${url}${reference === null ? '' : `?${reference.join('=')}`}#${'0'.repeat(40)}`
}

function lockedAs({ name, version, source }: StandIn): string {
  return `[[package]]\nname = "${name}"\nversion = "${version}"\nsource = ${JSON.stringify(source)}`
}

function configurationOf(found: readonly GitDependency[]): string {
  const sources = new Map(found.map((each) => [sourceOf(each), each]))
  const replaced = [...sources.values()].map(({ url, reference }, at) => {
    const lines = [`git = ${JSON.stringify(url)}`, 'replace-with = "quarry-stand-ins"']
    if (reference !== null) lines.push(`${reference[0]} = ${JSON.stringify(reference[1])}`)
    return `[source.quarry-git-${at}]\n${lines.join('\n')}\n`
  })
  return `${replaced.join('')}[source.quarry-stand-ins]\ndirectory = "/testbed/${standInsFolder}"\n`
}
