import { stringify } from 'yaml'
import { safeYaml } from '../../../ci/values.ts'
import { isRecord } from '../manifest.ts'
import { isForeignRange, isForeignSource, isNative } from './foreign.ts'
import type { Foreign, Lockfile } from './types.ts'

/** yarn.lock as yarn 2 and later write it (YAML with `__metadata`). Null where it is none. */
export function readYarnBerryLockfile(
  path: string,
  content: string,
  ranges: (directory: string, name: string) => string | null,
): Lockfile | null {
  const parsed = safeYaml(content)
  if (!isRecord(parsed) || !isRecord(parsed.__metadata)) return null
  const entries = Object.entries(parsed).flatMap(([key, value]) =>
    key !== '__metadata' && isRecord(value) ? [{ key, value }] : [],
  )
  const format = parsed.__metadata.version
  return {
    kind: 'yarn-berry',
    path,
    format: format === undefined ? null : String(format),
    content,
    version: (directory, name) => {
      const range = ranges(directory, name)
      const wanted = [`${name}@npm:${range}`, `${name}@${range}`]
      const entry = entries.find(({ key }) => key.split(', ').some((pattern) => wanted.includes(pattern)))
      return typeof entry?.value.version === 'string' ? entry.value.version : null
    },
    foreign: entries.flatMap(({ value }) => foreignOf(value)),
    native: entries.flatMap(({ key, value }) =>
      isRecord(value.dependencies) && isNative(value.dependencies) ? [nameOf(key)] : [],
    ),
    withoutForeign: () => stringify(pruned(parsed), { lineWidth: 0 }),
  }
}

function nameOf(key: string): string {
  return key.slice(0, key.indexOf('@', 1))
}

/** `resolution: "name@https://host/owner/name.git#commit=…"`. */
function foreignOf(value: Readonly<Record<string, unknown>>): Foreign[] {
  const resolution = value.resolution
  if (typeof resolution !== 'string') return []
  const name = nameOf(resolution)
  const source = resolution.slice(name.length + 1)
  return !/^(?:npm|workspace|patch|link|portal):/.test(source) && isForeignSource(source) ? [{ name, source }] : []
}

function pruned(lock: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(lock)) {
    if (isRecord(value) && foreignOf(value).length > 0) continue
    copy[key] =
      isRecord(value) && isRecord(value.dependencies)
        ? { ...value, dependencies: registryOnly(value.dependencies) }
        : value
  }
  return copy
}

function registryOnly(dependencies: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(dependencies).filter(([, range]) => typeof range !== 'string' || !isForeignRange(range)),
  )
}
