import { cpSync, lstatSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'

const root = join(import.meta.dirname, '..', '..', '..')

/** A container that Harbor would have built from a task's folder, made without Docker: bubblewrap as root, with our own /usr as its base. */
export interface Box {
  /** Runs a command as root, offline unless told otherwise. */
  run(argv: readonly string[], options?: { readonly network?: boolean }): Promise<{ exitCode: number; output: string }>
  /** A file of the container on this machine. */
  path(inside: string): string
}

const folders = ['testbed', 'quarry', 'env', 'tmp', 'home/quarry', 'logs', 'tests', 'solution']

/** `toolchains`: the folder that holds the tools by name and version. */
export function makeBox(
  folder: string,
  task: string,
  toolchains: string,
  tools: Readonly<Record<string, string>>,
): Box {
  for (const name of folders) mkdirSync(join(folder, name), { recursive: true })
  mkdirSync(join(folder, 'quarry', 'bin'))
  cpSync(join(root, 'node_modules', '.bin', 'node'), join(folder, 'quarry', 'bin', 'node'), { dereference: true })
  for (const name of ['tree-sitter', 'tree-sitter-javascript', 'tree-sitter-typescript', 'node-gyp-build'])
    cpSync(join(root, 'node_modules', name), join(folder, 'quarry', 'node_modules', name), { recursive: true })
  cpSync(join(task, 'environment', 'quarry'), join(folder, 'quarry', 'install'), { recursive: true })
  for (const name of ['tests', 'solution']) cpSync(join(task, name), join(folder, name), { recursive: true })
  for (const [tool, version] of Object.entries(tools))
    cpSync(join(toolchains, `${tool}-${version}`), join(folder, 'env', tool), {
      recursive: true,
      verbatimSymlinks: true,
    })
  return {
    path: (inside) => join(folder, inside),
    async run(argv, { network = false } = {}) {
      const given = [...namespaces, ...(network ? [] : ['--unshare-net']), ...mounts(folder), '--', ...argv]
      const ended = await execa('bwrap', given, {
        reject: false,
        all: true,
        extendEnv: false,
        env: {
          PATH: '/quarry/bin:/env/npm/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          HOME: '/tmp',
          ...(process.env.NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS } : {}),
        },
        timeout: 900_000,
      })
      return { exitCode: ended.exitCode ?? -1, output: ended.all ?? '' }
    },
  }
}

const namespaces = [
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--die-with-parent',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
]

function mounts(folder: string): string[] {
  const links = readdirSync('/').flatMap((name) =>
    lstatSync(`/${name}`).isSymbolicLink() && readlinkSync(`/${name}`).startsWith('usr/')
      ? ['--symlink', readlinkSync(`/${name}`), `/${name}`]
      : [],
  )
  const own = folders.flatMap((name) => ['--bind', join(folder, name), `/${name}`])
  return ['--ro-bind', '/usr', '/usr', ...links, '--ro-bind', '/etc', '/etc', ...own, '--chdir', '/testbed']
}
