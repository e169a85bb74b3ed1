import semver from 'semver'
import { stringify } from 'yaml'
import { safeYaml } from '../../../ci/values.ts'
import { isRecord } from '../manifest.ts'
import { isForeignSource, isNative } from './foreign.ts'
import type { Foreign, Lockfile } from './types.ts'

type Json = Readonly<Record<string, unknown>>

/** pnpm-lock.yaml, versions 5 to 9. Null where the text is none. */
export function readPnpmLockfile(path: string, content: string): Lockfile | null {
  const parsed = safeYaml(content)
  if (!isRecord(parsed)) return null
  const packages = recordAt(parsed, 'packages')
  const snapshots = { ...packages, ...recordAt(parsed, 'snapshots') }
  const format = parsed.lockfileVersion
  return {
    kind: 'pnpm',
    path,
    format: format === undefined ? null : String(format),
    content,
    version: (directory, name) => lockedVersion(parsed, directory, name),
    foreign: Object.entries(packages).flatMap(([key, value]) => (isRecord(value) ? foreignOf(key, value) : [])),
    native: [
      ...new Set(
        Object.entries(snapshots).flatMap(([key, value]) =>
          isRecord(value) && isNative(recordAt(value, 'dependencies')) ? [nameOf(key)] : [],
        ),
      ),
    ],
    withoutForeign: () => stringify(pruned(parsed), { lineWidth: 0 }),
  }
}

function recordAt(holder: Json, key: string): Json {
  const value = holder[key]
  return isRecord(value) ? value : {}
}

/** Before version 5.4 a lockfile without workspaces has its only importer at the top. */
function importer(lock: Json, directory: string): Json {
  const importers = recordAt(lock, 'importers')
  return Object.keys(importers).length === 0 ? lock : recordAt(importers, directory)
}

function lockedVersion(lock: Json, directory: string, name: string): string | null {
  for (const from of directory === '.' ? ['.'] : [directory, '.']) {
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      const held = recordAt(importer(lock, from), kind)[name]
      const version = isRecord(held) ? held.version : held
      // 4.0.17(peer@1.0.0), 4.0.17_peer@1.0.0 and /name/4.0.17 all stand for 4.0.17.
      const exact =
        typeof version === 'string' ? /\d+\.\d+\.\d+(?:-[\w.-]+?)?(?=[(_+]|$)/.exec(version)?.[0] : undefined
      if (exact !== undefined && semver.valid(exact) !== null) return exact
    }
  }
  return null
}

/** `/name@1.0.0(peer)`, `name@1.0.0`, `/name/1.0.0_peer`, `@scope/name@https://…`. */
function nameOf(key: string): string {
  const plain = key.replace(/^\//, '')
  return /^((?:@[^/]+\/)?[^@/]+)/.exec(plain)?.[1] ?? plain
}

function foreignOf(key: string, value: Json): Foreign[] {
  const resolution = recordAt(value, 'resolution')
  const source = resolution.tarball ?? resolution.repo
  if (typeof source !== 'string') return []
  const foreign = resolution.type === 'git' || isForeignSource(source)
  const name = typeof value.name === 'string' ? value.name : nameOf(key)
  return foreign ? [{ name, source }] : []
}

/** A copy without the foreign packages, and without the dependencies that point at them. */
function pruned(lock: Json): Json {
  const packages = recordAt(lock, 'packages')
  const gone = new Set(
    Object.entries(packages).flatMap(([key, value]) =>
      isRecord(value) && foreignOf(key, value).length > 0 ? [key] : [],
    ),
  )
  const points = (name: string, held: unknown): boolean => {
    const version = isRecord(held) ? held.version : held
    return (
      typeof version === 'string' &&
      (gone.has(version) || gone.has(`${name}@${version}`) || gone.has(`/${version}`) || gone.has(`@${version}`))
    )
  }
  const walk = (value: unknown, key: string): unknown => {
    if (!isRecord(value)) return value
    const dependencies = /^(?:d|devD|optionalD|peerD)ependencies$/.test(key)
    const kept = Object.entries(value).filter(
      ([name, held]) =>
        !(dependencies && points(name, held)) && !((key === 'packages' || key === 'snapshots') && gone.has(name)),
    )
    return Object.fromEntries(kept.map(([name, held]) => [name, walk(held, name)]))
  }
  const copy = walk(lock, '')
  return isRecord(copy) ? copy : lock
}
