import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What Quarry starts besides Node.js, and the Debian package that each program comes in. */
export const programs = {
  git: 'git',
  bwrap: 'bubblewrap',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  mount: 'mount',
  tar: 'tar',
}

/** What the tests start besides. */
const testPrograms = { chromium: 'chromium', rspec: 'ruby-rspec', bundle: 'bundler' }

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isInstalled(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => isExecutable(join(folder, program)))
}

function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env }).status === 0
}

/**
 * Installs the missing system programs where the user may; else says in one line what to install. The set-up goes on
 * without them: much of Quarry runs all the same, and `quarry doctor` tells what does not.
 *
 * @param {(line: string) => void} say
 * @param {boolean} forTests
 */
export function installSystemPrograms(say, forTests) {
  const wanted = forTests ? { ...programs, ...testPrograms } : programs
  const missing = Object.keys(wanted).filter((program) => !isInstalled(program))
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((program) => wanted[program]))]
  const install = ['install', '-y', '--no-install-recommends', '-qq', ...packages]
  if (process.getuid?.() === 0 && isInstalled('apt-get')) {
    say(`apt-get install ${packages.join(' ')}`)
    if (aptGet(install) || (aptGet(['update', '-qq']) && aptGet(install))) return
  }
  say(`${missing.join(', ')} missing: install with \`sudo apt-get install ${packages.join(' ')}\``)
}
