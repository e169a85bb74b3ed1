/**
 * `npm run lockfile`: names in package-lock.json the builds for other platforms that the registry in use does not
 * hold. npm leaves such an optional package out when it writes the lockfile, and `npm ci` then calls that same
 * lockfile out of sync with package.json. They are never fetched here: their platform does not match.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const systems = { android: 'android', darwin: 'darwin', freebsd: 'freebsd', linux: 'linux', openharmony: 'openharmony' }
const windows = { win32: 'win32', windows: 'win32' }
const processors = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'loong64', 'mips64el']

/** The platform that a package's name ends in, e.g. `linux-x64-musl`; null where it names none. */
function platformOf(name) {
  const words = name.split(/[-/]/)
  const os = words.map((word) => ({ ...systems, ...windows })[word]).find(Boolean)
  const cpu = processors.find((processor) => words.includes(processor))
  if (os === undefined || cpu === undefined) return null
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.includes('gnu') ? ['glibc'] : null
  return { cpu: [cpu], os: [os], ...(os === 'linux' && libc ? { libc } : {}) }
}

const lockfile = JSON.parse(readFileSync(path, 'utf8'))
const added = []
for (const [place, entry] of Object.entries(lockfile.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${place}/node_modules/${name}`
    const platform = platformOf(name)
    if (
      !/^\d/.test(version) ||
      platform === null ||
      lockfile.packages[`node_modules/${name}`] ||
      lockfile.packages[nested]
    )
      continue
    lockfile.packages[`node_modules/${name}`] = {
      version,
      ...platform,
      optional: true,
      ...(entry.dev && { dev: true }),
    }
    added.push(name)
  }
}
lockfile.packages = Object.fromEntries(Object.entries(lockfile.packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`)
process.stdout.write(`${added.length} platform packages added to package-lock.json\n`)
