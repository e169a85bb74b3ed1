import { copyFile, mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import { Fault, messageOf, UserError } from '../errors.ts'
import type { FullTask } from '../query/tasks.ts'
import { exportBody } from './body.ts'
import type { ExportFile, ExportFormat, ExportSources } from './types.ts'

/**
 * Writes tasks in a format to a path, whole or not at all: beside it first, then in its place by one rename. JSON Lines take the
 * place of a file that is there; a folder must be empty or not there yet, and is one tar archive where the path ends in `.tar`. A
 * further `.gz` or `.zst` compresses. Gives the absolute path. Throws UserError where the path can't be written to.
 */
export async function writeExport(
  format: ExportFormat,
  out: string,
  tasks: AsyncIterable<FullTask>,
  sources: ExportSources,
): Promise<string> {
  const target = resolve(out)
  const isFolder = format.makes === 'folder' && !/\.(?:tar(?:\.gz|\.zst)?|tgz)$/.test(target)
  if (isFolder) await expectRoom(target)
  const partial = `${target}.${process.pid}.partial`
  await writable(target, () => mkdir(dirname(target), { recursive: true }))
  try {
    if (isFolder && format.makes === 'folder') await writeFolder(format.files(tasks, sources), partial)
    else await writeFileOf(exportBody(format, tasks, sources).bytes, partial, target)
    if (isFolder) await writable(target, () => removeEmpty(target))
    await writable(target, () => rename(partial, target))
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
  return target
}

async function expectRoom(target: string): Promise<void> {
  const there = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw notWritable(target, error)
  })
  if (there.length > 0)
    throw new UserError(`${target} is not empty`, { mend: 'name a folder that is empty or not there yet' })
}

/** A rename takes the place of an empty folder on most file systems, and not on all. */
async function removeEmpty(target: string): Promise<void> {
  await rmdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

async function writeFolder(files: AsyncIterable<ExportFile>, folder: string): Promise<void> {
  await writable(folder, () => mkdir(folder))
  for await (const { path, mode, content } of files) {
    const file = join(folder, path)
    await writable(file, async () => {
      await mkdir(dirname(file), { recursive: true })
      if (Buffer.isBuffer(content)) await writeFile(file, content, { mode })
      else await copyFile(content.file, file)
    })
  }
}

async function writeFileOf(bytes: Readable, partial: string, target: string): Promise<void> {
  const file = (await writable(target, () => open(partial, 'w'))).createWriteStream()
  const compress = compressorFor(target)
  try {
    await (compress === null ? pipeline(bytes, file) : pipeline(bytes, compress, file))
  } catch (error) {
    throw error instanceof Error && 'syscall' in error && error.syscall === 'write' ? notWritable(target, error) : error
  }
}

function compressorFor(target: string): Transform | null {
  if (/\.(?:gz|tgz)$/.test(target)) return createGzip()
  return target.endsWith('.zst') ? createZstdCompress() : null
}

/** What goes wrong at the user's path is the user's; what goes wrong with tasks and sources keeps its own words. */
async function writable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw notWritable(path, error)
  }
}

function notWritable(path: string, cause: unknown): Error {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC') {
    return new Fault('disk-full', `no room to write ${path}`, { mend: 'free some disk space', cause })
  }
  return new UserError(`${path} can't be written: ${messageOf(cause)}`, {
    mend: 'name a path in a folder that you may write to',
    cause,
  })
}
