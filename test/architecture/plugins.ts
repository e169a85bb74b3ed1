import { dirname } from 'node:path'
import type { SourceFile } from './source-file.ts'

export interface PluginSet {
  readonly folder: string
  /** How a member shows itself in its source. */
  readonly member: RegExp
}

/** Sets of plug-ins: a contract in `types.ts`, a registry in `index.ts`, one file or folder a member. */
export const pluginSets: readonly PluginSet[] = [
  { folder: 'miners', member: /^export const \w+: Miner\b/m },
  { folder: 'validators', member: /^export const \w+: Validator\b/m },
  { folder: 'src/ecosystems', member: /^export (const \w+: Ecosystem\b|function \w+\([^)]*\): Ecosystem\b)/m },
  { folder: 'src/languages', member: /^export const \w+(: Language\b| = ecmascript\()/m },
  { folder: 'src/test-frameworks', member: /^export const \w+: TestFramework\b/m },
  { folder: 'src/export', member: /^export const \w+: ExportFormat\b/m },
  { folder: 'src/sandboxes', member: /^export function create\w+\([^)]*\): Sandbox\b/m },
]

/** Members that the registry leaves out, and members that import one another. */
export function pluginBreaches(set: PluginSet, files: readonly (SourceFile & { readonly text: string })[]): string[] {
  const registry = files.find((file) => file.path === `${set.folder}/index.ts`)
  if (registry === undefined) return [`${set.folder}: has no registry index.ts`]
  const inside = files.filter((file) => file !== registry && file.path.startsWith(`${set.folder}/`))
  const members = inside.filter((file) => set.member.test(file.text))
  if (members.length === 0) return [`${set.folder}: has no member`]
  return [
    ...members
      .filter((member) => !registry.imports.includes(member.path))
      .map((member) => `${member.path}: not in the registry`),
    ...members.flatMap((member) => siblingBreaches(set, member, members)),
  ]
}

function siblingBreaches(set: PluginSet, member: SourceFile, members: readonly SourceFile[]): string[] {
  const siblings = members.filter((other) => other !== member && homeOf(set, other.path) !== homeOf(set, member.path))
  return siblings
    .filter((sibling) => member.imports.includes(sibling.path))
    .map((sibling) => `${member.path}: imports its sibling ${sibling.path}`)
}

/** A member with a folder of its own may spread over it. */
function homeOf(set: PluginSet, path: string): string {
  return dirname(path) === set.folder ? path : dirname(path)
}
