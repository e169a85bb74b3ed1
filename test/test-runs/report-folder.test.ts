import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeReportFolder } from '../../src/test-runs/report-folder.ts'

let parent: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'quarry-report-'))
})

afterEach(() => rm(parent, { recursive: true, force: true }))

test('plain files come back; what untrusted code put in their place is not followed', async () => {
  const secret = join(parent, 'secret')
  await writeFile(secret, 'host secret')
  const report = await makeReportFolder(join(parent, 'report'), 60_000)
  await writeFile(join(report.folder, 'plain.jsonl'), '{}\n')
  await symlink(secret, join(report.folder, 'link.jsonl'))
  execFileSync('mkfifo', [join(report.folder, 'pipe.jsonl')])
  expect([...(await report.read())]).toEqual([['plain.jsonl', Buffer.from('{}\n')]])
})

test('each run has a secret of its own and its deadline, which the reporter finds in the folder and never come back as a report', async () => {
  const [one, two] = [
    await makeReportFolder(join(parent, 'one'), 60_000),
    await makeReportFolder(join(parent, 'two'), 60_000),
  ]
  expect(one.nonce).not.toBe(two.nonce)
  expect(await readFile(join(one.folder, 'nonce'), 'utf8')).toBe(one.nonce)
  expect(await readFile(join(one.folder, 'deadline'), 'utf8')).toBe('60000')
  expect((await one.read()).size).toBe(0)
})
