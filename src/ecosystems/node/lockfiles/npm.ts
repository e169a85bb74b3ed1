import { inDirectory, isRecord, parseJson } from '../manifest.ts'
import { isForeignRange, isForeignSource, isNative } from './foreign.ts'
import type { Foreign, Lockfile } from './types.ts'

type Json = Readonly<Record<string, unknown>>

/** package-lock.json and npm-shrinkwrap.json, versions 1 to 3. Null where the text is none. */
export function readNpmLockfile(path: string, content: string): Lockfile | null {
  const parsed = parseJson(content.replace(/^\uFEFF/, ''))
  if (!isRecord(parsed)) return null
  const packages = isRecord(parsed.packages) ? parsed.packages : null
  const entries =
    packages === null
      ? legacyEntries(parsed)
      : Object.entries(packages).flatMap(([key, value]) => (isRecord(value) ? [{ key, value }] : []))
  const version = parsed.lockfileVersion
  return {
    kind: 'npm',
    path,
    format: typeof version === 'number' ? String(version) : null,
    content,
    version: (directory, name) => lockedVersion(entries, directory, name),
    foreign: entries.flatMap(({ key, value }) => foreignOf(key, value)),
    native: [
      ...new Set(entries.flatMap(({ key, value }) => (hasNativeScript(value, packages !== null) ? [nameOf(key)] : []))),
    ],
    withoutForeign: () => `${JSON.stringify(pruned(parsed), null, 2)}\n`,
  }
}

interface Entry {
  /** As in version 2 and 3: `node_modules/a/node_modules/b`. */
  readonly key: string
  readonly value: Json
}

/** Version 1 nests dependencies; brought into the flat shape of versions 2 and 3. */
function legacyEntries(holder: Json, prefix = ''): Entry[] {
  const dependencies = isRecord(holder.dependencies) ? holder.dependencies : {}
  return Object.entries(dependencies).flatMap(([name, value]) => {
    if (!isRecord(value)) return []
    const key = `${prefix}node_modules/${name}`
    return [{ key, value }, ...legacyEntries(value, `${key}/`)]
  })
}

function lockedVersion(entries: readonly Entry[], directory: string, name: string): string | null {
  for (const key of [inDirectory(directory, `node_modules/${name}`), `node_modules/${name}`]) {
    const version = entries.find((entry) => entry.key === key)?.value.version
    if (typeof version === 'string') return version
  }
  return null
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function foreignOf(key: string, value: Json): Foreign[] {
  const version = value.version
  const source = value.resolved ?? (typeof version === 'string' && isForeignRange(version) ? version : undefined)
  if (!key.includes('node_modules/') || value.link === true || typeof source !== 'string') return []
  return isForeignSource(source) ? [{ name: nameOf(key), source }] : []
}

/** Versions 2 and 3 say whether a package has install scripts; version 1 does not, and lists dependencies in `requires`. */
function hasNativeScript(value: Json, told: boolean): boolean {
  const dependencies = isRecord(value.dependencies) ? value.dependencies : {}
  const requires = isRecord(value.requires) ? value.requires : {}
  const optional = value.optional === true
  return !optional && (!told || value.hasInstallScript === true) && isNative({ ...dependencies, ...requires })
}

const mentioning = new Set(['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'requires'])

/** A copy without foreign entries, and without the ranges that lead to them. */
function pruned(value: Json): Json {
  const copy: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'packages' && isRecord(inner)) copy[key] = keptEntries(inner)
    else if (mentioning.has(key) && isRecord(inner)) copy[key] = keptEntries(inner)
    else copy[key] = inner
  }
  return copy
}

function keptEntries(entries: Json): Json {
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(entries)) {
    if (typeof value === 'string' ? isForeignRange(value) : isRecord(value) && foreignOf(asKey(key), value).length > 0)
      continue
    copy[key] = isRecord(value) ? pruned(value) : value
  }
  return copy
}

function asKey(key: string): string {
  return key.includes('node_modules/') || key === '' ? key : `node_modules/${key}`
}
