import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolderBlobs } from '../blobs/folder.ts'
import type { Blobs } from '../blobs/types.ts'
import type { Database, Db } from '../db/connect.ts'
import { unusableDataFolder } from '../db/server.ts'
import { ecosystems, openToolchains, type Toolchains } from '../ecosystems/index.ts'
import { makeLayerStore } from '../environment/layer-store.ts'
import { describeRoot } from '../environment/root.ts'
import type { GitHubAccess } from '../github/index.ts'
import type { Log } from '../log.ts'
import type { Strategy } from '../model/index.ts'
import {
  boundCredentials,
  type Gateway,
  gatewayAddress,
  type Need,
  openGateway,
  openProtocols,
  openRegistry,
  pruneStore,
  type Registry,
  readInstallCredentials,
  readNpmConfiguration,
} from '../package-gateway/index.ts'
import { taskWithId } from '../query/tasks.ts'
import { createSandbox } from '../sandboxes/index.ts'
import { removeDeep } from '../sandboxes/removal.ts'
import { spreadFolder } from '../sandboxes/spread-folder.ts'
import type { Sandbox } from '../sandboxes/types.ts'
import { applyChangesScript } from '../snapshot/index.ts'
import { reportersFolder } from '../test-frameworks/index.ts'
import { machineCores } from '../test-runs/core-claims.ts'
import { type CoreBudget, makeCoreBudget } from '../test-runs/cores.ts'
import { layerBudget, shareOfPackages } from './disk-budget.ts'
import { type EnvironmentHolders, holdPlace } from './environments.ts'
import { watchBudgets } from './github/store-budgets.ts'
import { type Mirrors, makeMirrors } from './mirrors.ts'
import { keepProgram } from './own-program.ts'
import { makePrebuilt } from './prebuilt.ts'
import { processFolder } from './process-folders.ts'
import { makeSources, type Sources } from './sources.ts'
import { openTaskMirror } from './task-mirrors.ts'
import { makeWarmTasks, type WarmTasks } from './warm-tasks.ts'
import { watchDisk } from './watch-disk.ts'
import { type Kept, watchErasures } from './watch-erasures.ts'
import { makeWorkTrees } from './work-trees.ts'

export interface WorkshopOptions {
  readonly home: string
  readonly blobs: string
  readonly sandbox: string
  readonly rootfs: string | null
  /** Bytes that the data folder may take. */
  readonly diskBudget: number
  /** Processor numbers that runs may use. */
  readonly cores: readonly number[]
  /** How many candidates are worked on side by side; each run gets its share of the cores. */
  readonly concurrency: number
  /** The file that binds registries' credentials to owners; null: none is bound. */
  readonly installCredentials: string | null
  /** The environment that the operator's npm configuration is read with. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The way to GitHub, where this process has one. */
  readonly github: GitHubAccess | null
  readonly log: Log
}

/** All that stages and grades need of this machine, opened once a process. */
export interface Workshop {
  readonly database: Database
  readonly blobs: Blobs
  readonly sandbox: Sandbox
  readonly mirrors: Mirrors
  readonly holders: EnvironmentHolders
  /** What grades leave ready for the next. */
  readonly warm: WarmTasks
  readonly cores: CoreBudget
  readonly sources: Sources
  readonly coresPerRun: number
  readonly tools: Toolchains
  readonly root: string
  /** Folder of this process for laid-out trees. */
  readonly work: string
  readonly gatewayAddress: string
  openGateway(strategy: Omit<Strategy, 'tests'>, owner: string, needs: readonly Need[]): Promise<Gateway>
  close(): Promise<void>
}

export async function openWorkshop(database: Database, options: WorkshopOptions): Promise<Workshop> {
  const { home } = options
  // With a database elsewhere nothing has made it yet.
  await mkdir(home, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw unusableDataFolder(home, cause)
  })
  const work = await processFolder(join(home, 'work'))
  const node = await keepProgram(process.execPath, work)
  const sandbox = createSandbox(options.sandbox, {
    home,
    node,
    ...(options.rootfs === null ? {} : { root: options.rootfs }),
  })
  await sandbox.sweep()
  const blobs = await openFolderBlobs(options.blobs)
  const registries = await makeRegistries(options)
  const tools = everybodysTools(options, registries)
  // A unix socket's path is short: the home may be anywhere.
  const sockets = await processFolder(join(tmpdir(), `quarry-gateways-${process.getuid?.() ?? 0}`))
  const cores = makeCoreBudget(options.cores, machineCores({ log: options.log }))
  const coresPerRun = Math.max(1, Math.floor(options.cores.length / options.concurrency))
  const mirrors = makeMirrors(home, database.db)
  const trees = makeWorkTrees(await spreadFolder(join(work, 'trees')), sandbox)
  const prebuilt = makePrebuilt({ root: await spreadFolder(join(work, 'prebuilt')), sandbox, cores, coresPerRun })
  const kept: Kept[] = [prebuilt, trees]
  // Before the disk's budget is looked at: what was erased may fill it.
  const watches = [await watchErasures({ home, db: database.db, blobs }, kept, options.log)]
  await pruneStore(join(home, 'packages'), options.diskBudget * shareOfPackages)
  const layers = makeLayerStore({
    folder: await spreadFolder(join(home, 'layers')),
    blobs,
    sandbox,
    budget: await layerBudget(home, options.diskBudget),
  })
  const runner = { sandbox, reporters: reportersFolder, applyScript: applyChangesScript, node }
  const holders = { runner, layers, trees, prebuilt, toolchains: tools, cores, coresPerRun }
  const sources = makeSources(options.github)
  const warm = warmTasks({ db: database.db, mirrors, sources, holders })
  kept.unshift(warm)
  watches.push(watchDisk({ home, db: database.db, budget: options.diskBudget }, options.log))
  if (options.github !== null) watches.push(watchBudgets(database.db, options.github, options.log))
  return {
    database,
    blobs,
    sandbox,
    mirrors,
    sources,
    warm,
    cores,
    coresPerRun,
    tools,
    work,
    gatewayAddress,
    root: await describeRoot(),
    holders,
    openGateway: gatewaysOf(registries, sockets),
    async close() {
      await Promise.all(watches.map((watch) => watch.stop()))
      await warm.close()
      await mirrors.close()
      await registries.close()
      try {
        await sandbox.close()
      } finally {
        await removeDeep(work)
        await rm(sockets, { recursive: true, force: true })
      }
    },
  }
}

function warmTasks({ db, mirrors, sources, holders }: Pick<Workshop, 'mirrors' | 'sources' | 'holders'> & { db: Db }) {
  return makeWarmTasks({
    find: (id) => taskWithId(db, id),
    open: (task) => openTaskMirror(mirrors, sources, db, task),
    hold: ({ strategy, environment, snapshot: { baseTree, tag } }, mirror) =>
      holdPlace(holders, { mirror, strategy, environment, baseTree, tag }),
  })
}

function everybodysTools({ home, environment }: WorkshopOptions, registries: Registries): Toolchains {
  return openToolchains(ecosystems, {
    home,
    environment,
    registry: registries.of('*'),
    packages: (protocol) => registries.packages('*', protocol),
  })
}

function gatewaysOf(registries: Registries, socketFolder: string): Workshop['openGateway'] {
  return (strategy, owner, needs) =>
    openGateway({
      registry: registries.of(owner),
      packages: (protocol) => registries.packages(owner, protocol),
      asOf: strategy.asOf === null ? null : new Date(strategy.asOf),
      needs,
      socketFolder,
    })
}

type Registries = Awaited<ReturnType<typeof makeRegistries>>

async function makeRegistries(options: WorkshopOptions) {
  const { upstream, authorizations } = await readNpmConfiguration(options.home, options.environment)
  const { installCredentials: file, environment } = options
  const credentials = boundCredentials(
    file === null ? [] : await readInstallCredentials(file, environment),
    authorizations,
  )
  const store = join(options.home, 'packages')
  const opened = new Map<string, Registry>()
  const protocols = openProtocols({ store, credentials, environment })
  return {
    packages: protocols.of,
    of(owner: string): Registry {
      const known = opened.get(owner)
      if (known !== undefined) return known
      const registry = openRegistry({ upstream, credentials, owner, store })
      opened.set(owner, registry)
      return registry
    },
    async close() {
      for (const registry of opened.values()) await registry.close()
      await protocols.close()
    },
  }
}
