import { posix } from 'node:path'
import { inDirectory, localModules } from './configuration.ts'
import type { ProjectView } from './types.ts'

const specifier = /(?:\brequire\s*\(\s*|\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"\n]+)['"]/g
const farthest = 200

function specifiersOf(source: string): readonly string[] {
  return [...source.matchAll(specifier)].map((match) => match[1] ?? '')
}

/** Files that a node entry point names: itself, or all beside it where it is a folder or loads its neighbours by listing them. */
function entryFiles(project: ProjectView, entry: string): readonly string[] {
  const found = localModules(project, [entry])
  if (found.length > 0) return found
  const folder = `${inDirectory(project, entry.replace(/[*{[].*$/, '')).replace(/\/$/, '')}/`
  return project.paths.filter((path) => path.startsWith(folder) && /\.[cm]?[jt]s$/.test(path))
}

/**
 * True where a file of the repository, or one it loads by a relative path, imports the module. A rough reading of the text: it
 * decides only which framework an invocation of plain `node` means.
 */
export async function usesModule(project: ProjectView, entry: string, module: string): Promise<boolean> {
  const queue = [...entryFiles(project, entry)]
  const seen = new Set<string>()
  while (queue.length > 0 && seen.size < farthest) {
    const path = queue.shift()
    if (path === undefined || seen.has(path)) continue
    seen.add(path)
    const specifiers = specifiersOf((await project.read(path)) ?? '')
    if (specifiers.includes(module)) return true
    const near = { ...project, directory: posix.dirname(path) }
    queue.push(
      ...localModules(
        near,
        specifiers.filter((name) => name.startsWith('.')),
      ),
    )
  }
  return false
}
