import { randomBytes } from 'node:crypto'
import { chown, mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '../errors.ts'
import { TESTBED } from './addresses.ts'
import { type Bind, bubblewrapArguments } from './bubblewrap-arguments.ts'
import { inspectBubblewrap } from './bubblewrap-inspect.ts'
import { endLauncher, type Launcher, startLauncher } from './bubblewrap-launch.ts'
import { runBubblewrap } from './bubblewrap-run.ts'
import { type CgroupFolder, cgroupFolders } from './cgroup-folders.ts'
import { makeControlGroup } from './control-groups.ts'
import { gatewayBinds, throughDoor, writeForwarder } from './gateway-door.ts'
import { giveTo, type HostIdentity, hostIdentity } from './identity.ts'
import { ownerName } from './owner.ts'
import { createPipePool, type PipePool } from './pipes.ts'
import { createLateRemovals, removeTree } from './removal.ts'
import { type System, systemBinds } from './root-links.ts'
import { fillRunFolder } from './run-folder.ts'
import { createStandby } from './standby.ts'
import { groupPrefix, makeOwnerFolder, sweepOwners } from './sweep.ts'
import { systemFiles } from './system-files.ts'
import type { Sandbox, SandboxOptions, SandboxResult, SandboxSpec } from './types.ts'
import { upperOf } from './upper.ts'

/** What holds for all runs of this process. */
interface Ground {
  readonly identity: HostIdentity
  readonly owner: string
  /** This process's own folder: runs and scratch are made in it. */
  readonly folder: string
  readonly groups: readonly CgroupFolder[]
  readonly system: System
  readonly openFiles: number
  readonly pipes: PipePool
  /** The program that opens the door to a gateway. */
  readonly forwarder: string
}

/** The folder that a run's overlay works in, on the disk of its scratch folder. */
function workOf(scratch: string, folder: string): string {
  return path.join(scratch, 'work', path.basename(folder))
}

/**
 * Linux's namespaces by way of bubblewrap (0.8 or later), with an overlay at /testbed. As root and as an ordinary
 * user; `inspect` says what a machine lacks for it. Makes nothing before it is first used.
 */
export function createBubblewrap(options: SandboxOptions): Sandbox {
  const shared = path.join(options.home, 'sandboxes')
  // Several sandboxes of one process share its folder.
  const instance = randomBytes(4).toString('hex')
  let count = 0
  let prepared: Promise<Ground> | null = null
  const ground = () => {
    // What failed once (a full disk) may work later.
    prepared ??= prepare(shared, instance, options).catch((error: unknown) => {
      prepared = null
      throw error
    })
    return prepared
  }

  async function newFolder(kind: 'run' | 'scratch'): Promise<string> {
    count += 1
    const name = `${kind}-${instance}-${count}`
    const folder = path.join((await ground()).folder, name)
    await mkdir(folder)
    return folder
  }

  async function newLauncher(): Promise<Launcher> {
    const { groups, identity, owner, pipes } = await ground()
    const folder = await newFolder('run')
    const group = makeControlGroup(groups, groupPrefix(owner) + path.basename(folder))
    const [stdout, stderr] = [await pipes.take(), await pipes.take()]
    return startLauncher({ folder, identity, owner, group, stdout, stderr })
  }

  const standby = createStandby(newLauncher, removeLauncher)
  const removals = createLateRemovals()

  async function scratch(): Promise<string> {
    const { identity } = await ground()
    // What makes room for what a command writes is about to run one.
    standby.prepare()
    const folder = await newFolder('scratch')
    await Promise.all([mkdir(upperOf(folder)), mkdir(path.join(folder, 'work'))])
    if (identity.root) await chown(upperOf(folder), identity.uid, identity.gid)
    return folder
  }

  return {
    name: 'bubblewrap',
    scratch,
    async discard(folder) {
      const { identity, folder: own } = await ground()
      if (path.dirname(path.resolve(folder)) !== own)
        throw new UserError(`${folder} is not a scratch folder of this process.`)
      await removeTree(folder, identity)
    },
    async adopt(folder) {
      await giveTo((await ground()).identity, folder)
    },
    async run(spec) {
      checkSpec(spec)
      removals.check()
      const on = await ground()
      const launcher = await standby.take()
      try {
        return await runIn(launcher, spec, on, { ...options, started: standby.prepare })
      } finally {
        await endLauncher(launcher)
        if (spec.scratch !== null) await removeTree(workOf(spec.scratch, launcher.folder), on.identity)
        await launcher.group.remove()
        await removals.begin(() => removeTree(launcher.folder, launcher.identity))
      }
    },
    async inspect() {
      await mkdir(shared, { recursive: true })
      return inspectBubblewrap(shared, async () => {
        const trial = createBubblewrap(options)
        await trial.run(trialSpec).finally(trial.close)
      })
    },
    async close() {
      await standby.close().finally(removals.settle)
    },
    async sweep() {
      return sweepOwners(shared, await hostIdentity())
    },
  }
}

async function removeLauncher({ folder, group, identity }: Launcher): Promise<void> {
  await group.remove()
  await removeTree(folder, identity)
}

async function prepare(shared: string, instance: string, options: SandboxOptions): Promise<Ground> {
  const identity = await hostIdentity()
  const owner = ownerName()
  const folder = path.join(path.resolve(shared), owner)
  const groups = options.controlGroups === false ? [] : cgroupFolders()
  await makeOwnerFolder(
    folder,
    groups.map((group) => group.folder),
  )
  const root = options.root ?? '/'
  const { links, binds } = await systemBinds(root)
  const etc: Bind = { source: await systemFiles(path.resolve(shared), root), target: '/etc', writable: false }
  return {
    identity,
    owner,
    folder,
    groups,
    system: { links, binds: [...binds, etc] },
    openFiles: await openFiles(),
    pipes: createPipePool(path.join(folder, `pipes-${instance}`)),
    forwarder: await writeForwarder(path.join(folder, `gateway-forwarder-${instance}.mjs`)),
  }
}

async function runIn(
  launcher: Launcher,
  spec: SandboxSpec,
  on: Ground,
  options: SandboxOptions & { readonly started: () => void },
): Promise<SandboxResult> {
  const { identity, system } = on
  const { folder, group } = launcher
  const mounts = spec.mounts.toSorted((a, b) => (a.target < b.target ? -1 : 1))
  const door = spec.gateway === null ? [] : gatewayBinds(options.node, on.forwarder, spec.gateway)
  if (identity.root) {
    const given = mounts.filter((mount) => mount.writable).map((mount) => mount.source)
    if (spec.gateway !== null) given.push(spec.gateway)
    await Promise.all(given.map((source) => chown(source, identity.uid, identity.gid)))
  }
  const binds = [...system.binds, ...mounts, ...door].map((bind) => ({ ...bind, source: path.resolve(bind.source) }))
  const scratch = path.resolve(spec.scratch ?? folder)
  const filled = fillRunFolder(folder, { layers: spec.layers, scratch, binds }, identity)
  group.limit(spec.limits)
  const command = spec.gateway === null ? spec.argv : throughDoor(spec.argv, spec.variables)
  const variables = spec.gateway === null ? spec.variables : {}
  const own = group.limitsProcesses ? [] : ['prlimit', `--nproc=${spec.limits.processes}`, '--']
  const arguments_ = bubblewrapArguments(variables, filled.rooms, filled.binds, system.links)
  return runBubblewrap(launcher, {
    argv: [...arguments_, ...own, ...inDirectory(spec), ...command],
    ...{ written: filled.written, limits: spec.limits, openFiles: on.openFiles },
    ...{ signal: spec.signal, started: options.started },
  })
}

/**
 * A folder or a program that is not there is the command's failure (exit code 2 and 127, as of a shell), where
 * bubblewrap would fail itself.
 */
function inDirectory({ directory }: SandboxSpec): string[] {
  const script = 'cd -- "$1" && unset OLDPWD && shift && exec "$@"'
  return ['/bin/sh', '-c', script, 'sh', path.posix.join(TESTBED, directory)]
}

/** Does nothing, within limits that any machine has room for. */
const trialSpec: SandboxSpec = {
  ...{ layers: [], scratch: null, mounts: [], argv: ['true'], directory: '.', variables: {}, gateway: null },
  limits: { seconds: 30, memoryMiB: 256, processes: 64, fileMiB: 16, diskMiB: 64, outputMiB: 1, cores: [] },
}

function checkSpec(spec: SandboxSpec): void {
  if (spec.argv.length === 0) throw new UserError('A sandbox needs a command to run.')
  // Words go to the launcher each ended by a NUL.
  const words = [spec.directory, ...spec.argv, ...Object.entries(spec.variables).flat()]
  if (words.some((word) => word.includes('\0')))
    throw new UserError("A sandbox's command and its variables can't hold a NUL character.")
  const outside = spec.mounts.find(({ target }) => !/^\/(?:env|quarry)(?:\/|$)/.test(target))
  if (outside !== undefined)
    throw new UserError(`${outside.target} is not below /env or /quarry: nothing is mounted there.`)
}

/** What a test can count on anywhere, as far as this machine's own hard limit reaches. */
async function openFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8')
  const hard = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? 1024)
  return Math.min(hard, 65_536)
}
