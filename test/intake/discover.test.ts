import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { openMirror } from '../../src/git/index.ts'
import {
  type DiscoverOptions,
  type Discovery,
  discover,
  type FoundPull,
  isFound,
  type PullLines,
  readPullsFile,
  verifyDiff,
} from '../../src/intake/index.ts'
import { makeRepository, type TestRepository } from '../git/repository.ts'

let repository: TestRepository
const place = { repository: 'acme/shop', forge: 'forge.example' }

beforeEach(() => {
  repository = makeRepository()
  repository.commit('first', { 'src/a.js': '1\n2\n3\n4\n5\n6\n7\n8\n9\n', 'src/b.js': 'b\n' })
})
afterEach(() => rmSync(repository.folder, { recursive: true }))

async function all(options: Partial<DiscoverOptions> = {}): Promise<Discovery[]> {
  const mirror = openMirror(join(repository.folder, '.git'))
  const found: Discovery[] = []
  for await (const batch of discover(mirror, { ...place, ...options })) found.push(...batch)
  await mirror.close()
  return found
}

async function found(options: Partial<DiscoverOptions> = {}): Promise<FoundPull[]> {
  return (await all(options)).filter(isFound)
}

async function verdictOf(pull: FoundPull | undefined): Promise<unknown> {
  if (pull === undefined) throw new Error('no pull')
  const mirror = openMirror(join(repository.folder, '.git'))
  const verdict = await verifyDiff(mirror, pull)
  await mirror.close()
  return verdict
}

function pullsFile(...lines: unknown[]): PullLines {
  const path = join(repository.folder, 'pulls.jsonl')
  writeFileSync(path, lines.map((text) => (typeof text === 'string' ? text : JSON.stringify(text))).join('\n'))
  return fileAt(path)
}

const fileAt = (path: string): PullLines => ({ lines: readPullsFile(path), source: 'pulls-file' })

const line = (number: number, merge: string | null, more: object = {}) => ({
  number,
  title: `Pull ${number}`,
  body: null,
  merged_at: '2024-05-01T10:00:00Z',
  merge_commit_sha: merge,
  ...more,
})

/** A branch of these commits off the current main; leaves main checked out and gives the head. */
function branch(name: string, commits: readonly (readonly [message: string, files: Record<string, string>])[]): string {
  repository.git('checkout', '--quiet', '-b', name)
  for (const [message, files] of commits) repository.commit(message, files)
  const head = repository.git('rev-parse', 'HEAD')
  repository.git('checkout', '--quiet', 'main')
  return head
}

describe('history tells of a pull', () => {
  it('by its merge commit: title, base, what it closes in its own commits, and all changes', async () => {
    const base = repository.git('rev-parse', 'HEAD')
    const merge = repository.mergePull(
      'topic',
      'Merge pull request #12 from someone/topic\n\nRound prices half up\n\nCloses #9',
      [
        { message: 'Round\n\nfixes #7', files: { 'src/a.js': 'x\n' } },
        { message: 'Test it', files: { 'test/a.test.js': 't\n' } },
      ],
    )
    const [pull] = await found()
    expect(pull?.pull).toMatchObject({
      number: 12,
      title: 'Round prices half up',
      body: 'Closes #9',
      mergeCommit: merge,
      baseRef: 'main',
      source: 'history',
      closes: [9, 7],
    })
    expect(pull?.facts).toMatchObject({ base, style: 'merge', flags: ['statement-from-commit'] })
    expect(pull?.facts.changes.map(({ path }) => path)).toEqual(['src/a.js', 'test/a.test.js'])
  })

  it('by the number at the end of a squash’s subject', async () => {
    const base = repository.git('rev-parse', 'HEAD')
    repository.commit('fix: round (#3) half up (#12)\n\n* fixes #7\n', { 'src/a.js': 'x\n' })
    repository.commit('see (#5) for more')
    const [pull, ...others] = await found()
    expect(others).toEqual([])
    expect(pull?.pull).toMatchObject({ number: 12, title: 'fix: round (#3) half up', closes: [7] })
    expect(pull?.facts).toMatchObject({ base, style: 'squash' })
  })

  it('by the pull’s head, where a rebase left no number: the base lies before the first replayed commit', async () => {
    const head = branch('topic', [
      ['Round half up', { 'src/a.js': 'x\n' }],
      ['Test rounding\n\nFixes #7', { 'test/a.test.js': 't\n' }],
    ])
    repository.git('update-ref', 'refs/pull/12/head', head)
    const base = repository.commit('meanwhile', { 'src/b.js': 'c\n' })
    repository.git('cherry-pick', 'topic~1', 'topic')
    const [pull, ...others] = await found()
    expect(others).toEqual([])
    expect(pull?.pull).toMatchObject({
      number: 12,
      head,
      mergeCommit: repository.git('rev-parse', 'main'),
      closes: [7],
    })
    expect(pull?.facts).toMatchObject({ base, style: 'rebase' })
    expect(pull?.facts.changes.map(({ path }) => path)).toEqual(['src/a.js', 'test/a.test.js'])
    expect(await verdictOf(pull)).toBe('equal')
  })

  it('a rebase is told by the commit that closes the issue, and ends where another pull landed', async () => {
    const head = branch('topic', [
      ['Trim prices (#11)', { 'src/b.js': 'trimmed\n' }],
      ['Round half up\n\nFixes #7', { 'src/a.js': 'x\n' }],
      ['Tidy up', { 'test/a.test.js': 't\n' }],
    ])
    repository.git('update-ref', 'refs/pull/11/head', repository.git('rev-parse', 'topic~2'))
    repository.git('update-ref', 'refs/pull/12/head', head)
    repository.commit('meanwhile', { 'src/c.js': 'c\n' })
    repository.git('cherry-pick', 'topic~2')
    const base = repository.git('rev-parse', 'HEAD')
    repository.git('cherry-pick', 'topic~1', 'topic')
    const stacked = (await found()).find(({ pull }) => pull.number === 12)
    expect(stacked?.facts).toMatchObject({ base, style: 'rebase' })
    expect(stacked?.pull).toMatchObject({ title: 'Round half up', closes: [7] })
  })

  it('by the pull’s head, where it was fast-forwarded', async () => {
    const base = repository.git('rev-parse', 'HEAD')
    const head = branch('topic', [['Round half up, fixes #7', { 'src/a.js': 'x\n' }]])
    repository.git('merge', '--ff-only', 'topic')
    repository.git('update-ref', 'refs/pull/12/head', head)
    const [pull] = await found()
    expect(pull?.pull).toMatchObject({ number: 12, closes: [7] })
    expect(pull?.facts).toMatchObject({ base, style: 'fast-forward' })
    expect(await verdictOf(pull)).toBe('unverified')
  })

  it('once: of two commits with one number the older counts', async () => {
    const first = repository.commit('fix (#12)', { 'src/a.js': 'x\n' })
    repository.commit('fix again (#12)', { 'src/a.js': 'y\n' })
    const pulls = await found()
    expect(pulls.map(({ pull }) => pull.mergeCommit)).toEqual([first])
  })

  it('not where the number is an issue’s, and a linked pull is no issue, if the heads of pulls are there', async () => {
    repository.git('update-ref', 'refs/pull/12/head', 'HEAD')
    repository.git('update-ref', 'refs/pull/13/head', branch('other', [['other', {}]]))
    repository.commit('fix crash (#11)', { 'src/a.js': 'x\n' })
    repository.commit('fix more (#12)\n\nfixes #13, fixes #10', { 'src/a.js': 'y\n' })
    const pulls = await found()
    expect(pulls.map(({ pull }) => [pull.number, pull.closes])).toEqual([[12, [10]]])
  })

  it('only that brought its commits itself: those of a branch merged before count for that one', async () => {
    branch('one', [['One, fixes #1', { one: '1\n' }]])
    repository.git('checkout', '--quiet', '-b', 'two', 'one')
    repository.commit('Two, fixes #2', { two: '2\n' })
    repository.git('checkout', '--quiet', 'main')
    repository.git('merge', '--no-ff', '-m', 'Merge pull request #11 from x/one\n\nOne', 'one')
    repository.git('merge', '--no-ff', '-m', 'Merge pull request #12 from x/two\n\nTwo', 'two')
    const pulls = await found()
    expect(pulls.map(({ pull }) => [pull.number, pull.closes])).toEqual([
      [12, [2]],
      [11, [1]],
    ])
  })

  it('with its author’s login where the address tells it', async () => {
    repository.commit('a (#1)', { a: '' }, 'Bob <123+bob@users.noreply.forge.example>')
    repository.commit('b (#2)', { b: '' }, 'helper[bot] <helper[bot]@users.noreply.forge.example>')
    repository.commit('c (#3)', { c: '' })
    expect((await found()).map(({ pull }) => pull.user)).toEqual([
      null,
      { login: 'helper[bot]', type: 'Bot' },
      { login: 'bob', type: 'User' },
    ])
  })

  it('between the dates asked for, and of the numbers asked for', async () => {
    for (const number of [1, 2, 3]) repository.commit(`change (#${number})`)
    const times = (await found()).map(({ pull }) => pull.mergedAt)
    const numbers = async (options: Partial<DiscoverOptions>) => (await found(options)).map(({ pull }) => pull.number)
    expect(await numbers({ only: [2, 9] })).toEqual([2])
    expect(await numbers({ since: times[1] ?? new Date() })).toEqual([3, 2])
    expect(await numbers({ until: times[1] ?? new Date() })).toEqual([2, 1])
  })
})

describe('a pull taken back later', () => {
  const reverted = async () => (await found()).map(({ pull, facts }) => [pull.number, facts.revertedBy !== null])

  it.each([
    ['by its commit', (id: string) => `Back out\n\nThis reverts commit ${id}.`],
    ['by its subject', () => 'Revert "fix (#1)"'],
    ['by its number', () => 'Undo (#2)\n\nReverts acme/shop#1'],
    ['by a short id', (id: string) => `Back out\n\nThis reverts commit ${id.slice(0, 8)}.`],
  ])('is known %s', async (_, message) => {
    const id = repository.commit('fix (#1)', { 'src/a.js': 'x\n' })
    repository.commit(message(id))
    expect(await reverted()).toContainEqual([1, true])
  })

  it('counts as there when the revert was taken back too', async () => {
    const id = repository.commit('fix (#1)', { 'src/a.js': 'x\n' })
    const revert = repository.commit(`Revert "fix (#1)" (#2)\n\nThis reverts commit ${id}.`)
    repository.commit(`Revert "Revert "fix (#1)" (#2)" (#3)\n\nThis reverts commit ${revert}.`)
    expect(await reverted()).toEqual([
      [3, false],
      [2, true],
      [1, false],
    ])
  })

  it('is not one whose own commits took each other back, nor one of another repository', async () => {
    repository.git('checkout', '--quiet', '-b', 'topic')
    const first = repository.commit('try', { x: '1\n' })
    repository.commit(`Revert "try"\n\nThis reverts commit ${first}.`, { x: '2\n' })
    repository.git('checkout', '--quiet', 'main')
    repository.git('merge', '--no-ff', '-m', 'Merge pull request #1 from x/topic\n\nTitle', 'topic')
    repository.commit('Undo (#2)\n\nReverts other/place#1')
    expect(await reverted()).toEqual([
      [2, false],
      [1, false],
    ])
  })
})

describe('a pulls file', () => {
  it('gives pulls with their issues, in order, the base by merge style', async () => {
    const base = repository.git('rev-parse', 'HEAD')
    const merge = repository.commit('anything', { 'src/a.js': 'x\n' })
    const issue = { number: 4, title: 'Broken', body: null, created_at: '2024-01-01T00:00:00Z' }
    const [pull] = await found({
      pulls: pullsFile(
        line(12, merge, {
          issues: [issue],
          body: 'fixes #99',
          labels: [{ name: 'bug' }],
          user: { login: 'bob' },
          extra: 1,
        }),
      ),
    })
    expect(pull?.pull).toMatchObject({
      number: 12,
      closes: [4],
      labels: ['bug'],
      user: { login: 'bob', type: 'User' },
      source: 'pulls-file',
    })
    expect(pull?.pull.issues[0]).toMatchObject({ number: 4, body: '', comments: [] })
    expect(pull?.facts).toMatchObject({ base, style: 'squash', flags: [] })
  })

  it('without issues uses the keywords of the body and the commits', async () => {
    const merge = repository.commit('anything, closes #3', { 'src/a.js': 'x\n' })
    const [pull] = await found({ pulls: pullsFile(line(12, merge, { body: 'fixes #2 <!-- fixes #1 -->' })) })
    expect(pull?.pull.closes).toEqual([2, 3])
    expect(pull?.facts.flags).toEqual(['statement-from-commit'])
  })

  it('finds merges of other branches too', async () => {
    repository.git('checkout', '--quiet', '-b', 'v1')
    const base = repository.git('rev-parse', 'HEAD')
    repository.git('checkout', '--quiet', '-b', 'topic')
    repository.commit('work, fixes #5', { 'src/a.js': 'x\n' })
    repository.git('checkout', '--quiet', 'v1')
    repository.git('merge', '--no-ff', '-m', 'merge', 'topic')
    const merge = repository.git('rev-parse', 'HEAD')
    repository.git('checkout', '--quiet', 'main')
    const [pull] = await found({ pulls: pullsFile(line(12, merge, { base: { ref: 'v1' } })) })
    expect(pull?.facts).toMatchObject({ base, style: 'merge' })
    expect(pull?.pull).toMatchObject({ baseRef: 'v1', closes: [5] })
  })

  it('tells bad lines by number and reason, and goes on', async () => {
    const merge = repository.commit('anything', { 'src/a.js': 'x\n' })
    const answers = await all({
      pulls: pullsFile('{broken', '', { number: 'x' }, line(1, 'HEAD'), '\uFEFF', line(2, merge), line(2, merge)),
    })
    const problems = answers.filter((answer) => 'problem' in answer)
    expect(problems.map((bad) => bad.line)).toEqual([1, 3, 4, 7])
    expect(problems[1]?.problem).toContain('number')
    expect(problems[2]?.problem).toContain('40 lower-case hex digits')
    expect(answers.filter(isFound).map(({ pull }) => pull.number)).toEqual([2])
  })

  it('refuses what was not merged, and commits that are not there', async () => {
    const missing = 'f'.repeat(40)
    const blob = repository.git('rev-parse', 'HEAD:src/a.js')
    const answers = await all({
      pulls: pullsFile(
        line(1, null, { merged_at: null }),
        line(2, missing),
        line(3, blob),
        line(4, null),
        line(5, repository.git('rev-list', '--max-parents=0', 'HEAD')),
      ),
    })
    expect(answers.map((answer) => 'refused' in answer && [answer.number, answer.refused])).toEqual([
      [1, 'not-merged'],
      [2, 'commits-missing'],
      [3, 'commits-missing'],
      [4, 'commits-missing'],
      [5, 'commits-missing'],
    ])
  })

  it('that can’t be read is a user’s error', async () => {
    await expect(all({ pulls: fileAt(join(repository.folder, 'nowhere')) })).rejects.toBeInstanceOf(UserError)
    await expect(all({ pulls: fileAt(repository.folder) })).rejects.toBeInstanceOf(UserError)
  })
})

describe('a pull’s own diff', () => {
  it('equals the diff from base to merge though the context moved', async () => {
    const head = branch('topic', [['change', { 'src/a.js': '1\n2\n3\n4\n5\n6\n7\n8\nNINE\n' }]])
    repository.commit('meanwhile', { 'src/a.js': 'ONE\n2\n3\n4\n5\n6\n7\n8\n9\n' })
    repository.git('merge', '--squash', 'topic')
    const merge = repository.commit('change (#12)')
    const [pull] = await found({ pulls: pullsFile(line(12, merge, { head: { sha: head } })) })
    expect(await verdictOf(pull)).toBe('equal')
  })

  it('can’t be known without the head', async () => {
    const merge = repository.commit('change (#12)', { 'src/a.js': 'x\n' })
    const [pull] = await found({ pulls: pullsFile(line(12, merge, { head: { sha: 'e'.repeat(40) } })) })
    expect(await verdictOf(pull)).toBe('unverified')
  })
})
