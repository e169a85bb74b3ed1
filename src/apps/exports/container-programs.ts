import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { ContainerPrograms } from '../../export/index.ts'
import { applyChangesScript } from '../../snapshot/index.ts'
import { reportersFolder } from '../../test-frameworks/index.ts'

const programs = fileURLToPath(new URL('../container', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
/** Of this program's packages those with native code, the parsers of all languages: a container installs them from its registry. */
const isNative = (name: string) => /(?:^|\/)tree-sitter(?:-|$)/.test(name)
/** Reporters that a program of the container starts; those that are compiled into a build tool come with it. */
const isReporter = (name: string) => /\.(?:[cm]js|py|rb|sh)$/.test(name)

let made: Promise<ContainerPrograms> | null = null

/** Quarry's own programs for a task's container, bundled once a process out of this very source. */
export function containerPrograms(): Promise<ContainerPrograms> {
  made ??= make()
  return made
}

async function make(): Promise<ContainerPrograms> {
  const native = await nativePackages()
  const [install, verifier] = await Promise.all([bundle('install.ts', native), bundle('verifier.ts', native)])
  const reporters = await readdir(reportersFolder)
  const files = new Map([
    ['verifier.mjs', verifier],
    ['apply-changes.cjs', await readFile(applyChangesScript)],
  ])
  for (const name of reporters.filter(isReporter).sort())
    files.set(`reporters/${name}`, await readFile(join(reportersFolder, name)))
  return {
    install: new Map([
      ['install.mjs', install],
      ['apply-changes.cjs', await readFile(applyChangesScript)],
    ]),
    verifier: files,
    packages: await versionsOf(native),
    node: process.versions.node,
  }
}

/** One ES module, which Node.js runs as it is; packages written for `require` are given one. */
async function bundle(entry: string, native: readonly string[]): Promise<Buffer> {
  const { outputFiles } = await build({
    entryPoints: [join(programs, entry)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: 'node',
    // Some packages' main file finds its parts in a way that no bundler follows.
    mainFields: ['module', 'main'],
    target: 'node24',
    format: 'esm',
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    external: [...native],
    banner: { js: "import{createRequire as __make}from'node:module';const require=__make(import.meta.url);" },
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error(`${entry} was bundled to nothing`)
  return Buffer.from(file.contents)
}

async function nativePackages(): Promise<readonly string[]> {
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  )
  return Object.keys(manifest.dependencies).filter(isNative)
}

async function versionsOf(names: readonly string[]): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const name of names) {
    const manifest: unknown = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'))
    if (typeof manifest !== 'object' || manifest === null || !('version' in manifest))
      throw new Error(`${name} states no version`)
    versions[name] = String(manifest.version)
  }
  return versions
}
