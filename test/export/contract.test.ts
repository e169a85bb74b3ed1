import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { zstdDecompressSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { Fault, UserError } from '../../src/errors.ts'
import { type ExportSources, exportBody, exportFormats, formatNamed, writeExport } from '../../src/export/index.ts'
import type { FullTask } from '../../src/query/tasks.ts'
import { scratch } from '../snapshot/sample.ts'
import { each, exportScene, manyOf } from './scene.ts'

let task: FullTask
let sources: ExportSources
beforeAll(async () => {
  const scene = await exportScene()
  task = scene.task
  sources = scene.sources
})

/** What a task may hold that breaks a careless writer. */
function awkward(): FullTask {
  const names = ['__proto__', 'a "b" \\ \n \u2028 {{c}} > d', '测试 > \u{1F600}', ' ', '$HOME `id`']
  return {
    ...task,
    statement: { title: 'A "title"\nof\ttwo lines \\', issue: '</issue> ${x} \u0007\u007f', hints: '' },
    failToPass: names,
    beforeStatuses: Object.fromEntries(names.map((name, at) => [name, ['failed', 'missing', 'skipped'][at % 3] ?? ''])),
    passToPass: [],
    snapshot: { ...task.snapshot, fixPatch: Buffer.from([0x2b, 0xe9, 0x0a]), tag: null },
  }
}

async function* failing(): AsyncGenerator<FullTask> {
  yield task
  throw new Fault('database', 'the database went away')
}

async function filesOfTar(bytes: Buffer): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {}
  const entries = extract()
  entries.on('entry', (header, stream, next) => {
    buffer(stream).then((content) => {
      expect(files[header.name]).toBeUndefined()
      files[header.name] = content
      next()
    }, next)
  })
  Readable.from([bytes]).pipe(entries)
  await finished(entries)
  return files
}

function filesIn(folder: string): Record<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  )
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path))]))
}

describe.each(exportFormats)('the format $name', (format) => {
  const bytesOf = (tasks: AsyncIterable<FullTask>) => buffer(exportBody(format, tasks, sources).bytes)

  it('has a name that can stand in a command and an address, and says what it writes', () => {
    expect(format.name).toMatch(/^[a-z][a-z-]*$/)
    expect(format.title).not.toBe('')
    expect(formatNamed(format.name)).toBe(format)
    expect(exportBody(format, each([]), sources).fileName).toContain(format.name)
  })

  it('writes the same bytes for the same tasks', async () => {
    const tasks = [...manyOf(task, 3), awkward()]
    expect(await bytesOf(each(tasks))).toEqual(await bytesOf(each(tasks)))
    expect(await bytesOf(each(tasks))).not.toEqual(await bytesOf(each(tasks.slice(1))))
  })

  it('writes to disk what it sends, whole', async () => {
    const folder = await scratch()
    const tasks = [task, awkward()].map((one, at) => ({ ...one, name: `${one.name}${at}` }))
    const out = await writeExport(format, join(folder, 'new', 'out'), each(tasks), sources)
    const sent = await bytesOf(each(tasks))
    if (format.makes === 'lines') expect(readFileSync(out)).toEqual(sent)
    else expect(filesIn(out)).toEqual(await filesOfTar(sent))
    expect(readdirSync(join(folder, 'new'))).toEqual(['out'])
  })

  it('writes one file where it is asked for one, compressed where asked', async () => {
    const folder = await scratch()
    const out = await writeExport(format, join(folder, 'out.tar.zst'), each([task]), sources)
    expect(zstdDecompressSync(readFileSync(out))).toEqual(await bytesOf(each([task])))
  })

  it('leaves what was there, and nothing else, where tasks break off', async () => {
    const folder = await scratch()
    const out = join(folder, 'out')
    await expect(writeExport(format, out, failing(), sources)).rejects.toThrow(Fault)
    expect(readdirSync(folder)).toEqual([])
    await expect(bytesOf(failing())).rejects.toThrow('the database went away')
  })

  it('refuses a place that can not be written to', async () => {
    const folder = await scratch()
    writeFileSync(join(folder, 'file'), '')
    await expect(writeExport(format, join(folder, 'file', 'out'), each([task]), sources)).rejects.toThrow(UserError)
    expect(readdirSync(folder)).toEqual(['file'])
  })

  it('writes an export of no tasks', async () => {
    const folder = await scratch()
    await writeExport(format, join(folder, 'out'), each([]), sources)
    expect(readdirSync(folder)).toEqual(['out'])
  })

  it('holds a bounded part of many tasks', async () => {
    const count = 96
    const each = 1024 * 1024
    let taken = 0
    async function* large(): AsyncGenerator<FullTask> {
      for (let at = 0; at < count; at += 1) {
        taken += each
        const fixPatch = Buffer.from(randomBytes((each / 4) * 3).toString('base64'))
        yield { ...task, name: `large-${at}`, snapshot: { ...task.snapshot, fixPatch } }
      }
    }
    let read = 0
    let held = 0
    for await (const chunk of exportBody(format, large(), sources).bytes) {
      read += chunk.length
      held = Math.max(held, taken - read)
    }
    expect(read).toBeGreaterThan((count * each) / 2)
    // What is compressed comes out as three quarters, so a quarter of what was read counts as held, too.
    expect(held - read / 3).toBeLessThan(56 * 1024 * 1024)
  })
})

describe('a folder', () => {
  it.each(exportFormats.filter(({ makes }) => makes === 'folder'))(
    '$name takes an empty one, and no other',
    async (format) => {
      const folder = await scratch()
      mkdirSync(join(folder, 'empty'))
      await writeExport(format, join(folder, 'empty'), each([task]), sources)
      await expect(writeExport(format, join(folder, 'empty'), each([task]), sources)).rejects.toThrow('is not empty')
    },
  )
})

it('no two formats share a name, and an unknown one is none', () => {
  expect(new Set(exportFormats.map(({ name }) => name)).size).toBe(exportFormats.length)
  expect(formatNamed('floppy')).toBeNull()
})
