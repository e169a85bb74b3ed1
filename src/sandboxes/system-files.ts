import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, lstat, mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { HOST_NAME, SANDBOX_HOME, USER_ID, USER_NAME } from './addresses.ts'
import { isCode } from './processes.ts'

/**
 * The sandbox's /etc is made, not the host's: what is written here is the same on every machine, and of the host's
 * only what programs under /usr can't do without is copied.
 */
const written: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/root:/usr/sbin/nologin\n${USER_NAME}:x:${USER_ID}:${USER_ID}::${SANDBOX_HOME}:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n`,
  group: `root:x:0:\n${USER_NAME}:x:${USER_ID}:\nnogroup:x:65534:\n`,
  hosts: `127.0.0.1 localhost ${HOST_NAME}\n::1 localhost ip6-localhost ip6-loopback\n`,
  hostname: `${HOST_NAME}\n`,
  'host.conf': 'multi on\n',
  // No dns: a name that is not in hosts is unknown at once, instead of after a time-out.
  'nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
  timezone: 'Etc/UTC\n',
  'machine-id': '',
}

/** Names under the host's /etc, the last part may hold one `*`: loader, certificates, and what distributions split off /usr. */
const copied = [
  'alternatives',
  'ca-certificates',
  'crypto-policies',
  'debian_version',
  'fonts',
  'java-*',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'magic',
  'mime.types',
  'os-release',
  'pki/ca-trust',
  'pki/tls/certs',
  'protocols',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
]

/**
 * Makes the sandbox's /etc below `folder` once, and again when the host's changes; gives its path.
 * `root`: the tree whose etc and usr are used, `/` for the host's own.
 */
export async function systemFiles(folder: string, root: string): Promise<string> {
  const sources = (await Promise.all(copied.map((name) => matches(path.join(root, 'etc'), name)))).flat().sort()
  const target = path.join(folder, `etc-${await digest(root, sources)}`)
  if (existsSync(target)) return target
  const made = `${target}.${process.pid}`
  await mkdir(made, { recursive: true })
  for (const name of sources) await copy(path.join(root, 'etc', name), path.join(made, name))
  for (const [name, content] of Object.entries(written)) await writeFile(path.join(made, name), content)
  await symlink('/usr/share/zoneinfo/Etc/UTC', path.join(made, 'localtime'))
  await symlink('/proc/self/mounts', path.join(made, 'mtab'))
  await moveInPlace(made, target)
  return target
}

async function matches(etc: string, name: string): Promise<string[]> {
  if (!name.includes('*')) return existsSync(path.join(etc, name)) ? [name] : []
  const [start = '', end = ''] = name.split('*')
  return (await readdir(etc)).filter((entry) => entry.startsWith(start) && entry.endsWith(end))
}

/** Changes when a copied entry does, as far as its own times tell: package tools replace what they change. */
async function digest(root: string, sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([root, written]))
  for (const name of sources) {
    const { mtimeMs, size } = await stat(path.join(root, 'etc', name))
    hash.update(JSON.stringify([name, mtimeMs, size]))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Links stay links, as their targets are under /usr; what only root may read is left out, whoever we are. */
async function copy(source: string, target: string): Promise<void> {
  await cp(source, target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (entry) => {
      const entryStat = await lstat(entry)
      return entryStat.isSymbolicLink() || (entryStat.mode & 0o004) !== 0
    },
  })
}

/** Several processes may make the same folder at once: the first one's stays. */
async function moveInPlace(made: string, target: string): Promise<void> {
  try {
    await rename(made, target)
  } catch (error) {
    if (!isCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
    await rm(made, { recursive: true })
  }
}
