import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MatrixScene, openMatrixScene } from './matrix-scene.ts'

const guide = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8')
const examples = [...guide.matchAll(/^```\n(curl [\s\S]*?)\n```$/gm)].map((match) => match[1] ?? '')

let scene: MatrixScene
let address: string
let folder: string

beforeAll(async () => {
  scene = await openMatrixScene()
  address = await scene.web.listen({ port: 0, host: '127.0.0.1' })
  folder = mkdtempSync(join(tmpdir(), 'quarry-guide-'))
})
afterAll(async () => {
  await scene?.close()
  rmSync(folder, { recursive: true, force: true })
})

it('has examples', () => {
  expect(examples.length).toBeGreaterThan(4)
})

it.each(examples)('docs/api.md: %s', async (example) => {
  // What stands for a name or an id there is one that is here.
  const script = example
    .replaceAll('acme__shop-123', scene.task)
    .replace(/(?<=\/v1\/grades\/)[\da-f-]+…?/, scene.grade)
    .replace(/(?<=\/v1\/leases\/)[\da-f-]+…?/, scene.lease)
    .replace(/as_of=\d+/, 'as_of=1')
    .replace(/^curl /gm, 'curl --fail-with-body --silent --show-error ')
  const env = { PATH: process.env.PATH ?? '', TOKEN: scene.token, QUARRY: address }
  const { stderr } = await promisify(execFile)('sh', ['-ec', script], { cwd: folder, env })
  expect(stderr).toBe('')
})
