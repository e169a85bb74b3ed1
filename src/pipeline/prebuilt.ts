import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import { type Mirror, openTree } from '../git/index.ts'
import type { Strategy } from '../model/index.ts'
import { upperOf } from '../sandboxes/index.ts'
import type { Sandbox, SandboxMount } from '../sandboxes/types.ts'
import type { CoreBudget } from '../test-runs/cores.ts'
import { type Held, makeShelves } from './shelves.ts'

/** What is to be built ahead: a base tree laid out, on its layer. */
export interface PrebuildRequest {
  readonly mirror: Mirror
  readonly baseTree: string
  readonly tag: string | null
  readonly strategy: Pick<Strategy, 'prebuild' | 'variables' | 'toolchain'>
  /** Host folders of the snapshot and of the layer. */
  readonly snapshot: string
  readonly layer: { readonly folder: string; readonly digest: string }
  readonly mounts: readonly SandboxMount[]
}

/**
 * Base trees built ahead on this machine (`Strategy.prebuild`). It is made of what every run starts from, and of neither tests nor fix, so it
 * can tell nobody either; and no candidate's patch has a part in it.
 */
export interface Prebuilt {
  /** A folder to be laid below the snapshot; null: the strategy builds nothing ahead. */
  hold(request: PrebuildRequest): Promise<Held | null>
  forget(): Promise<void>
}

export interface PrebuiltOptions {
  /** Folder of this process. */
  readonly root: string
  readonly sandbox: Sandbox
  readonly cores: CoreBudget
  readonly coresPerRun: number
}

const KEPT_IDLE = 3
const SECONDS = 1200

export function makePrebuilt(options: PrebuiltOptions): Prebuilt {
  const shelves = makeShelves(KEPT_IDLE)
  return {
    hold: async (request) =>
      (request.strategy.prebuild ?? []).length === 0
        ? null
        : shelves.hold(keyOf(request), () => build(options, request)),
    forget: () => shelves.forget(),
  }
}

/** Canonical: what comes out of the database has its keys in another order. */
function keyOf({ baseTree, tag, layer, strategy }: PrebuildRequest): string {
  const { prebuild, variables, toolchain } = strategy
  const json = canonicalize([baseTree, tag, layer.digest, prebuild, variables, toolchain]) ?? ''
  return createHash('sha256').update(json).digest('hex')
}

/**
 * A command that fails leaves what it got done: the base may well not compile whole. One that had to be stopped leaves nothing of any, since
 * its files may be half written: an empty folder, and every run builds for itself.
 */
async function build(
  { root, sandbox, cores, coresPerRun }: PrebuiltOptions,
  request: PrebuildRequest,
): Promise<string> {
  await mkdir(root, { recursive: true })
  const folder = await mkdtemp(join(root, 'prebuilt-'))
  const scratch = await sandbox.scratch()
  try {
    const isWhole = await cores.use(coresPerRun, 0, (granted) => runAll(sandbox, request, scratch, granted))
    if (!isWhole) return folder
    await rm(folder, { recursive: true })
    await rename(upperOf(scratch), folder)
    await removeTracked(folder, request)
    return folder
  } finally {
    await sandbox.discard(scratch)
  }
}

async function runAll(
  sandbox: Sandbox,
  { strategy, snapshot, layer, mounts }: PrebuildRequest,
  scratch: string,
  cores: readonly number[],
): Promise<boolean> {
  const deadline = Date.now() + SECONDS * 1000
  for (const { argv, directory, variables } of strategy.prebuild ?? []) {
    const { ended, exitCode } = await sandbox.run({
      ...{ layers: [snapshot, layer.folder], scratch, mounts, argv, directory, gateway: null },
      variables: { ...strategy.variables, ...variables },
      limits: {
        seconds: Math.max(1, (deadline - Date.now()) / 1000),
        ...{ memoryMiB: 4096, processes: 1024, fileMiB: 1024, diskMiB: 8192, outputMiB: 1, cores },
      },
    })
    // Above 128 a shell tells of a signal.
    if (ended !== 'exited' || exitCode === null || exitCode > 128) return false
  }
  return true
}

/** What the repository holds itself stays as the snapshot has it. */
async function removeTracked(folder: string, { mirror, baseTree }: PrebuildRequest): Promise<void> {
  const { paths } = await openTree(mirror, baseTree)
  for (const path of paths) await rm(join(folder, path), { force: true, recursive: true })
}
