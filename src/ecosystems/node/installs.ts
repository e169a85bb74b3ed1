import { safeYaml } from '../../ci/values.ts'
import type { Command, Strategy, TreeReader } from '../../model/index.ts'
import { rewriteLockfile, withoutRegistrySettings } from '../../package-gateway/index.ts'
import { binPath } from './builds.ts'
import type { Lockfile, LockfileKind } from './lockfiles/index.ts'
import type { ChosenManager } from './manager-choice.ts'
import { inDirectory, isRecord } from './manifest.ts'
import { editedManifests, type ManifestEdits } from './manifest-edits.ts'
import { type InstallOptions, installPlan, toolPath, withoutLifecycleScripts } from './package-managers.ts'
import { expandScript, programsIn } from './scripts.ts'
import type { Package } from './workspaces.ts'

/** One way to install, before it is put into commands. */
export interface InstallChoice extends ManifestEdits {
  readonly manager: ChosenManager
  readonly lockfile: InstallOptions['lockfile']
  readonly scripts: InstallOptions['scripts']
  readonly legacyPeers: boolean
  /** Packages whose own install scripts are run though those of all others are not. */
  readonly native: readonly string[]
}

export interface InstallRequest {
  readonly tree: TreeReader
  readonly packages: readonly Package[]
  readonly lockfile: Lockfile | null
  readonly gateway: string
}

export type Install = Pick<Strategy, 'install' | 'overrides'>

/** The commands and the files that an install sees instead of the repository's own. */
export async function installOf(request: InstallRequest, choice: InstallChoice): Promise<Install> {
  const { name, version } = choice.manager
  const linker = await linkerOf(request.tree)
  const plan = installPlan(name, {
    version,
    lockfile: choice.lockfile,
    scripts: choice.scripts,
    registry: request.gateway,
    legacyPeers: choice.legacyPeers,
    ...(name === 'yarn' && !isClassic(choice.manager) ? { linker } : {}),
  })
  const files = new Map<string, string | null>(await settingsOverrides(request.tree))
  for (const { path, content } of editedManifests(request.packages, choice)) files.set(path, content)
  if (choice.scripts === 'dependencies') {
    for (const { directory } of request.packages) {
      const path = inDirectory(directory, 'package.json')
      const text = files.get(path) ?? (await request.tree.read(path)) ?? ''
      const kept = withoutLifecycleScripts(text)
      if (kept !== text) files.set(path, kept)
    }
  }
  if (request.lockfile !== null && choice.lockfile !== 'none') {
    const text = request.lockfile.foreign.length === 0 ? request.lockfile.content : request.lockfile.withoutForeign()
    files.set(request.lockfile.path, rewriteLockfile(text, gatewayKinds[request.lockfile.kind], request.gateway).text)
  }
  if (request.lockfile !== null && choice.lockfile === 'none') files.set(request.lockfile.path, null)
  for (const [path, content] of Object.entries(plan.files)) files.set(path, content)
  const environment = plan.commands[0]?.variables ?? {}
  return {
    install: [...plan.commands, ...rebuild(choice, environment), ...patches(request, environment, choice)],
    overrides: [...files].map(([path, content]) => ({ path, content })),
  }
}

const gatewayKinds: Readonly<Record<LockfileKind, Parameters<typeof rewriteLockfile>[1]>> = {
  npm: 'package-lock',
  'yarn-classic': 'yarn-classic',
  'yarn-berry': 'yarn-berry',
  pnpm: 'pnpm-lock',
}

export function isClassic(manager: ChosenManager): boolean {
  return manager.name === 'yarn' && /^[01]\./.test(manager.version)
}

/** The tools that a manager's commands need, exact versions by name. */
export function toolsOf(node: string, manager: ChosenManager): Readonly<Record<string, string>> {
  return { node, ...(manager.npm === null ? {} : { npm: manager.npm }), [manager.name]: manager.version }
}

/** Plug'n'Play hides packages from whatever is not told of it, our reporters too; node_modules serve the same packages. */
async function linkerOf(tree: TreeReader): Promise<'node-modules' | 'pnpm'> {
  const settings = safeYaml((await tree.read('.yarnrc.yml')) ?? '')
  return isRecord(settings) && settings.nodeLinker === 'pnpm' ? 'pnpm' : 'node-modules'
}

async function settingsOverrides(tree: TreeReader): Promise<readonly (readonly [string, string])[]> {
  const found: (readonly [string, string])[] = []
  for (const [path, kind] of [
    ['.npmrc', 'npmrc'],
    ['.yarnrc', 'yarnrc'],
    ['.yarnrc.yml', 'yarnrc-berry'],
  ] as const) {
    const text = await tree.read(path)
    const kept = text === null ? null : withoutRegistrySettings(text, kind)
    if (kept !== null && kept !== text) found.push([path, kept])
  }
  return found
}

/** Compiles native parts one by one: everything else installs without any script of a stranger's. */
function rebuild(choice: InstallChoice, variables: Readonly<Record<string, string>>): readonly Command[] {
  if (choice.native.length === 0 || choice.scripts !== 'none') return []
  const program = choice.manager.name === 'pnpm' ? 'pnpm' : 'npm'
  return [{ argv: [program, 'rebuild', ...choice.native], directory: '.', variables }]
}

/** patch-package changes installed packages from files of the repository: it is part of the install, not of a build. */
function patches(
  request: InstallRequest,
  variables: Readonly<Record<string, string>>,
  { manager }: InstallChoice,
): readonly Command[] {
  const [root] = request.packages
  if (root === undefined) return []
  const steps = ['postinstall', 'prepare', 'install', 'postprepare'].flatMap(
    (name) => expandScript(request.packages, root, name) ?? [],
  )
  const found = steps.flatMap(programsIn).find(({ invocation }) => invocation.program === 'patch-package')
  if (found === undefined) return []
  const path = binPath('.', toolPath(Object.keys(toolsOf('', manager))))
  return [
    { argv: ['patch-package', ...found.invocation.arguments], directory: '.', variables: { ...variables, PATH: path } },
  ]
}
