import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import { type Pom, readPom } from './pom.ts'

/** One module of a Maven build. */
export interface Module {
  /** Relative to the repository's root; "." for the root. */
  readonly directory: string
  readonly pom: Pom
}

/** A build of Maven: the root's module first. */
export interface Reactor {
  readonly root: string
  readonly modules: readonly Module[]
  /** Files that are no project model, though they should be. */
  readonly broken: readonly string[]
}

/** Models below these are what tests or readers look at. */
const samples = /(?:^|\/)(?:src|tests?|__tests__|fixtures?|testdata|examples?|samples?|docs|templates?)\//

/** Where the build starts: the folder of the pom.xml that is nearest to the root; null: there is none. */
export function rootOf(tree: Pick<TreeReader, 'paths'>): string | null {
  const poms = tree.paths.filter((path) => posix.basename(path) === 'pom.xml' && !samples.test(path))
  const depth = (path: string) => path.split('/').length
  const [nearest] = poms.toSorted((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
  return nearest === undefined ? null : posix.dirname(nearest)
}

/** The modules that the root's build has, profiles' left out, each once. */
export async function readReactor(tree: TreeReader): Promise<Reactor | null> {
  const root = rootOf(tree)
  if (root === null) return null
  const modules = new Map<string, Module>()
  const broken: string[] = []
  const waiting = [pomPath(root)]
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const directory = posix.dirname(path)
    const text = await tree.read(path)
    if (text === null || modules.has(directory)) continue
    const pom = readPom(text)
    if (pom === null) broken.push(path)
    else {
      modules.set(directory, { directory, pom })
      for (const module of pom.modules) waiting.push(modulePath(directory, module))
    }
  }
  return { root, modules: [...modules.values()], broken }
}

function pomPath(directory: string): string {
  return directory === '.' ? 'pom.xml' : `${directory}/pom.xml`
}

/** A module is named by its folder, or by its model's file. */
function modulePath(directory: string, module: string): string {
  const path = posix.join(directory, module)
  return path.endsWith('.xml') ? path : pomPath(path)
}

/** The modules that hold these paths, by the nearest folder above each. */
export function touched({ modules }: Reactor, paths: readonly string[]): readonly Module[] {
  const byDirectory = new Map(modules.map((module) => [module.directory, module]))
  const found = new Set<Module>()
  for (const path of paths) {
    let directory = posix.dirname(path)
    while (directory !== '.' && !byDirectory.has(directory)) directory = posix.dirname(directory)
    const module = byDirectory.get(directory)
    if (module !== undefined) found.add(module)
  }
  return modules.filter((module) => found.has(module))
}

/** The module's properties with those of the parents that are in this tree, and what a model says of itself. */
export function propertiesOf({ modules }: Reactor, module: Module): Readonly<Record<string, string>> {
  const own = {
    ...module.pom.properties,
    ...named('project.groupId', groupOf(module)),
    ...named('project.version', versionOf(module)),
    ...named('project.artifactId', module.pom.artifact),
  }
  const parent = parentIn(modules, module)
  return parent === null || parent === module
    ? own
    : { ...propertiesOf({ root: '', modules, broken: [] }, parent), ...own }
}

export function parentIn(modules: readonly Module[], { directory, pom }: Module): Module | null {
  if (pom.parent?.path == null) return null
  const path = posix.join(directory, pom.parent.path)
  const folder = path.endsWith('.xml') ? posix.dirname(path) : path
  const found = modules.find((each) => each.directory === folder)
  // A wrong relative path is one that Maven does not follow either. A parent is above its child: no circles.
  return found?.pom.artifact === pom.parent.artifact && found.directory !== directory ? found : null
}

export function groupOf({ pom }: Module): string | null {
  return pom.group ?? pom.parent?.group ?? null
}

export function versionOf({ pom }: Module): string | null {
  return pom.version ?? pom.parent?.version ?? null
}

function named(name: string, value: string | null): Readonly<Record<string, string>> {
  return value === null ? {} : { [name]: value }
}
