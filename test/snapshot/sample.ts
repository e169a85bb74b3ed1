import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflateSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { buildTree, type Mirror, openMirror } from '../../src/git/index.ts'

const run = promisify(execFile)

/** Content of a regular file, or its mode with it (`120000`: a link's target). */
export type File = string | Buffer | { readonly mode: string; readonly content: string }
export type Files = Readonly<Record<string, File>>

export async function scratch(whenDone: (release: () => Promise<void>) => void = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-snapshot-'))
  whenDone(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Git as a user runs it, on a plain configuration. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  return (await run('git', args, { cwd: folder, env })).stdout.replace(/\n$/, '')
}

/** An empty bare mirror that goes with the test (or, given `afterAll`, with the file). */
export async function emptyMirror(whenDone: (release: () => Promise<void>) => void = onTestFinished): Promise<Mirror> {
  const folder = await scratch(whenDone)
  await git(folder, 'init', '-q', '--bare')
  const mirror = openMirror(folder)
  whenDone(() => mirror.close())
  return mirror
}

export async function treeOf(mirror: Mirror, files: Files): Promise<string> {
  const edits = Object.entries(files).map(([path, file]) => {
    const { mode, content } =
      typeof file === 'string' || Buffer.isBuffer(file) ? { mode: '100644', content: file } : file
    return { path, mode, blob: storeBlob(mirror, Buffer.from(content)) }
  })
  return buildTree(mirror, null, edits)
}

/** Writes a loose object as git does; a process for each file would take most of the tests' time. */
function storeBlob(mirror: Mirror, content: Buffer): string {
  const object = Buffer.concat([Buffer.from(`blob ${content.length}\0`), content])
  const id = createHash('sha1').update(object).digest('hex')
  const folder = join(mirror.folder, 'objects', id.slice(0, 2))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, id.slice(2)), deflateSync(object))
  return id
}

/** The texts of a tree's files by path; links as `-> target`. */
export async function filesOf(mirror: Mirror, tree: string): Promise<Record<string, string>> {
  const listing = await mirror.text(['ls-tree', '-r', '-z', tree])
  const files: Record<string, string> = {}
  for (const line of listing.split('\0').filter((entry) => entry !== '')) {
    const [head = '', path = ''] = line.split('\t')
    const [mode, , blob = ''] = head.split(' ')
    const text = (await mirror.objects.read(blob))?.content.toString('utf8') ?? ''
    files[path] = mode === '120000' ? `-> ${text}` : text
  }
  return files
}
