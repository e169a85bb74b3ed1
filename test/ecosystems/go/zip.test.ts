import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unpackModule } from '../../../src/ecosystems/go/zip.ts'
import { Fault } from '../../../src/errors.ts'
import { moduleZip } from '../../package-gateway/module-zip.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-zip-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function unpack(zip: Buffer): Promise<string> {
  await writeFile(join(folder, 'zip'), zip)
  const target = join(folder, 'out')
  await unpackModule(join(folder, 'zip'), target, 'a@v1/', (name) => name.startsWith('bin/'))
  return target
}

test('writes the files of a module, its programs executable', async () => {
  const target = await unpack(moduleZip('a@v1', { 'bin/go': 'run', 'src/x/y.go': 'package x\n', empty: '' }))
  expect(await readFile(join(target, 'src/x/y.go'), 'utf8')).toBe('package x\n')
  expect(await readFile(join(target, 'empty'), 'utf8')).toBe('')
  expect((await stat(join(target, 'bin/go'))).mode & 0o777).toBe(0o755)
  expect((await stat(join(target, 'src/x/y.go'))).mode & 0o111).toBe(0)
})

test('nothing is written outside of the folder', async () => {
  await expect(unpack(moduleZip('a@v1', { 'x/../../../evil': 'x' }))).rejects.toBeInstanceOf(Fault)
  expect(await readdir(folder)).toEqual(['zip'])
})

test('what is not what the archive says of it is a fault', async () => {
  const zip = moduleZip('a@v1', { 'src/x.go': 'package x\n'.repeat(20) })
  for (const damaged of [zip.subarray(0, zip.length - 30), Buffer.from('no zip'), Buffer.alloc(0)])
    await expect(unpack(damaged)).rejects.toBeInstanceOf(Fault)
  const flipped = Buffer.from(zip)
  flipped[50] = (flipped[50] ?? 0) ^ 0xff
  await expect(unpack(flipped)).rejects.toBeInstanceOf(Fault)
})
