import { accessSync, constants } from 'node:fs'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../errors.ts'
import { cgroupFolders } from './cgroup-folders.ts'
import { type HostIdentity, hostIdentity } from './identity.ts'
import { readProc } from './processes.ts'
import { runTool, systemPath } from './system-tools.ts'
import type { Finding } from './types.ts'

/**
 * What this machine has and lacks for the bubblewrap sandbox, each with its mend; where nothing is lacking, the last is
 * a trial. `folder`: where scratch goes; it exists. `trial`: runs a command that does nothing, and throws what went wrong.
 */
export async function inspectBubblewrap(folder: string, trial: () => Promise<void>): Promise<readonly Finding[]> {
  if (process.platform !== 'linux') {
    return [lacks('sandbox', process.platform, 'The bubblewrap sandbox needs Linux: run Quarry in a virtual machine.')]
  }
  const parts = [
    tools(),
    await bubblewrap(),
    mounting(),
    await userNamespaces(),
    await dataFolder(folder),
    controlGroups(),
  ]
  const missing = parts.some(({ ok }) => !ok)
  return missing ? parts : [...parts, await trialRun(trial)]
}

const has = (name: string, found: string): Finding => ({ name, ok: true, found, mend: null })
const lacks = (name: string, found: string, mend: string): Finding => ({ name, ok: false, found, mend })

const toolPackages: Readonly<Record<string, string>> = {
  bash: 'bash',
  mount: 'mount',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  taskset: 'util-linux',
  prlimit: 'util-linux',
}

function tools(): Finding {
  const missing = Object.keys(toolPackages).filter((tool) => !isInstalled(tool))
  if (missing.length === 0) return has('system tools', Object.keys(toolPackages).join(', '))
  const packages = [...new Set(missing.map((tool) => toolPackages[tool]))].join(' ')
  return lacks('system tools', `${missing.join(', ')} missing`, `apt-get install ${packages}`)
}

function isInstalled(tool: string): boolean {
  return systemPath.split(':').some((folder) => {
    try {
      accessSync(path.join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

async function bubblewrap(): Promise<Finding> {
  const install = 'apt-get install bubblewrap (0.8 or later: Debian 12, Ubuntu 24.04)'
  if (!isInstalled('bwrap')) return lacks('bubblewrap', 'missing', install)
  const version = /(\d+)\.(\d+)(?:\.\d+)*/.exec(await runTool('bwrap', ['--version']))
  const [text = 'unknown', major, minor] = version ?? []
  const recent = Number(major) > 0 || Number(minor) >= 8
  return recent ? has('bubblewrap', text) : lacks('bubblewrap', text, install)
}

async function userNamespaces(): Promise<Finding> {
  const name = 'user namespaces'
  try {
    const identity = await hostIdentity()
    await runTool('setpriv', [...asSandboxUser(identity), 'unshare', '--user', '--map-root-user', 'true'])
    return has(name, 'allowed')
  } catch (error) {
    return lacks(name, messageOf(error), namespaceSwitch())
  }
}

/** bubblewrap runs as this user, so it is this user who must be allowed. */
function asSandboxUser({ root, uid, gid }: HostIdentity): string[] {
  return root ? ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--'] : ['--']
}

/** The first of the known switches that is off. Ubuntu has one of its own since 23.10, Debian had one until 11. */
export function namespaceSwitch(read: (file: string) => string | null = readProc): string {
  const value = (name: string) => read(`/proc/sys/${name}`)?.trim()
  if (value('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (to keep it: a file in /etc/sysctl.d)'
  }
  if (value('kernel/unprivileged_userns_clone') === '0') {
    return 'sysctl -w kernel.unprivileged_userns_clone=1 (to keep it: a file in /etc/sysctl.d)'
  }
  if (value('user/max_user_namespaces') === '0') {
    return 'sysctl -w user.max_user_namespaces=15000 (to keep it: a file in /etc/sysctl.d)'
  }
  return containerSwitch
}

const containerSwitch =
  'In a container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined ' +
  '--security-opt systempaths=unconfined --cap-add SYS_ADMIN, or with --privileged.'

function controlGroups(): Finding {
  const name = 'control groups'
  const folders = cgroupFolders()
  const [first] = folders
  if (first !== undefined) {
    return has(name, `v${first.version}: ${folders.flatMap(({ controllers }) => controllers).join(', ')}`)
  }
  // Nothing is lacking: the limits hold by watching, a little later.
  return has(
    name,
    'not ours to make: memory is watched by Quarry (a delegated cgroup v2 is exacter: systemd Delegate=yes)',
  )
}

async function trialRun(trial: () => Promise<void>): Promise<Finding> {
  const name = 'trial sandbox'
  try {
    await trial()
    return has(name, 'ran')
  } catch (error) {
    return lacks(name, messageOf(error), `Give the message to Quarry's developers, or: ${containerSwitch}`)
  }
}

/** Magic numbers of statfs(2) of file systems on which the kernel refuses an overlay's upper folder. */
const unfit = new Map([
  [0x794c7630, 'an overlay itself (a container without a volume)'],
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0x65735546, 'FUSE'],
])

async function dataFolder(folder: string): Promise<Finding> {
  const reason = unfit.get((await statfs(folder)).type)
  if (reason === undefined) return has('data folder', folder)
  return lacks(
    'data folder',
    `${folder} is on ${reason}`,
    'Set QUARRY_HOME to a folder on a local disk (ext4, xfs, btrfs) or a volume.',
  )
}

const sysAdmin = 1n << 21n

/** Root in a container may be root in name only. */
function mounting(): Finding {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(readProc('/proc/self/status') ?? '')?.[1] ?? '0'
  const may = process.geteuid?.() !== 0 || (BigInt(`0x${effective}`) & sysAdmin) !== 0n
  return may ? has('mounting', 'allowed') : lacks('mounting', 'root without CAP_SYS_ADMIN', containerSwitch)
}
