import { BASE_VARIABLES, HOST_NAME, SANDBOX_HOME, TESTBED, USER_ID } from './addresses.ts'

/** A host path as bubblewrap sees it, and where it is put. */
export interface Bind {
  readonly source: string
  readonly target: string
  readonly writable: boolean
}

export interface Rooms {
  /** The overlay, and the folders for /tmp and the home, as bubblewrap reaches them. */
  readonly testbed: string
  readonly tmp: string
  readonly home: string
}

/** Names at the root that lead into /usr (`bin` → `usr/bin`); on a machine with split folders they are binds instead. */
export interface RootLink {
  readonly name: string
  readonly to: string
}

/** File descriptor on which bubblewrap says how the command ended, so that no exit code can be mistaken for its own. */
export const STATUS_FD = 3

const namespaces = ['user', 'pid', 'ipc', 'uts', 'net'].map((name) => `--unshare-${name}`)

/**
 * The arguments of bubblewrap (0.8 or later) for one run. Everything the command can write is on the disk below the run's folder, where
 * one limit holds for all of it, but for /dev/shm, which is small; the rest is read-only.
 */
export function bubblewrapArguments(
  variables: Readonly<Record<string, string>>,
  rooms: Rooms,
  binds: readonly Bind[],
  links: readonly RootLink[],
): string[] {
  return [
    ...namespaces,
    '--unshare-cgroup-try',
    ...['--disable-userns', '--uid', String(USER_ID), '--gid', String(USER_ID), '--hostname', HOST_NAME],
    ...['--cap-drop', 'ALL', '--die-with-parent', '--new-session', '--json-status-fd', String(STATUS_FD)],
    ...links.flatMap(({ name, to }) => ['--symlink', to, `/${name}`]),
    ...[
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--size',
      String(64 * 1024 * 1024),
      '--perms',
      '1777',
      '--tmpfs',
      '/dev/shm',
    ],
    ...['--dir', '/run', '--dir', '/var', '--symlink', '/tmp', '/var/tmp', '--bind', rooms.tmp, '/tmp'],
    ...['--bind', rooms.home, SANDBOX_HOME, '--bind', rooms.testbed, TESTBED],
    ...binds.flatMap(({ source, target, writable }) => [writable ? '--bind' : '--ro-bind', source, target]),
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--chdir', TESTBED, '--clearenv'],
    ...Object.entries({ ...BASE_VARIABLES, ...variables }).flatMap(([name, value]) => ['--setenv', name, value]),
    '--',
  ]
}
