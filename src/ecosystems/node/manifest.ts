import { z } from 'zod'
import type { TreeReader } from '../../model/index.ts'

/** A value that may be of the wrong type in the wild reads as absent: one odd key must not hide the rest. */
const texts = z.record(z.string(), z.unknown()).transform(onlyTexts).default({}).catch({})
const anything = z.unknown().optional()
const text = z.string().optional().catch(undefined)

const manifestSchema = z.object({
  name: text,
  version: text,
  type: text,
  main: text,
  module: text,
  types: text,
  typings: text,
  exports: anything,
  bin: anything,
  scripts: texts,
  dependencies: texts,
  devDependencies: texts,
  optionalDependencies: texts,
  peerDependencies: texts,
  engines: texts,
  volta: texts,
  devEngines: anything,
  packageManager: text,
  workspaces: anything,
  wireit: anything,
})

/** A package.json cut down to what environments depend on. */
export interface Manifest extends Readonly<z.infer<typeof manifestSchema>> {
  /** The whole object as parsed. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** Reads a package.json's text; null where it is no JSON object. */
export function parseManifest(content: string): Manifest | null {
  const parsed = parseJson(content.replace(/^\uFEFF/, ''))
  if (!isRecord(parsed)) return null
  const read = manifestSchema.safeParse(parsed)
  return read.success ? { ...read.data, raw: parsed } : null
}

/** The manifest of the package in `directory` (`.` for the root), or null. */
export async function readManifest(tree: TreeReader, directory: string): Promise<Manifest | null> {
  const content = await tree.read(inDirectory(directory, 'package.json'))
  return content === null ? null : parseManifest(content)
}

/** Dependencies of every kind that an install of the package itself brings. */
export function installed(manifest: Manifest): Readonly<Record<string, string>> {
  return { ...manifest.devDependencies, ...manifest.optionalDependencies, ...manifest.dependencies }
}

/** `directory` + `name` as a path relative to the root. */
export function inDirectory(directory: string, name: string): string {
  return directory === '.' || directory === '' ? name : `${directory}/${name}`
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The parsed JSON, or undefined where the text is none. */
export function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

/** Every text anywhere in a JSON value, depth first. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : []
}

function onlyTexts(values: Record<string, unknown>): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [key, value] of Object.entries(values)) if (typeof value === 'string') kept[key] = value
  return kept
}
