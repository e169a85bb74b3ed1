import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { afterAll, describe, expect, test } from 'vitest'
import { samplePulls } from '../../../../src/apps/cli/demo/pulls.ts'
import { buildSampleRepository } from '../../../../src/apps/cli/demo/repository.ts'
import { pullLineSchema } from '../../../../src/model/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'quarry-sample-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sample = buildSampleRepository(join(folder, 'one'), samplePulls)
const lines = readFileSync(sample.pullsFile, 'utf8').trim().split('\n')
const git = (...args: string[]) => execaSync('git', args, { cwd: sample.path, stripFinalNewline: false }).stdout

describe('the sample repository', () => {
  test('is the same every time', () => {
    const again = buildSampleRepository(join(folder, 'two'), samplePulls)
    expect(readFileSync(again.pullsFile, 'utf8')).toBe(readFileSync(sample.pullsFile, 'utf8'))
  })

  test('has a pulls file whose every line is one of a merged pull, or of one that never was', () => {
    const pulls = lines.map((line) => pullLineSchema.parse(JSON.parse(line)))
    expect(pulls.map((pull) => pull.number)).toEqual(samplePulls.map((pull) => pull.number))
    expect(pulls.filter((pull) => pull.merge_commit_sha === null).map((pull) => pull.number)).toEqual([29])
  })

  test('has every style of merge, and the heads of all pulls', () => {
    const parents = git('log', '--first-parent', '--format=%P', 'main').trim().split('\n')
    expect(parents.filter((line) => line.includes(' '))).toHaveLength(2)
    const heads = git('for-each-ref', '--format=%(refname)', 'refs/pull').trim().split('\n')
    expect(heads).toHaveLength(samplePulls.length)
    expect(git('branch', '--contains', 'refs/pull/6/head')).toBe('')
  })

  test('holds line ends of another system and a binary file', () => {
    expect(git('show', 'main:src/rows.js')).toContain('\r\n')
    expect(git('log', '--numstat', '--format=', 'main', '--', 'test/fixtures/pixel.png')).toMatch(/^-\t-\t/)
  })
})
