import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { expect } from 'vitest'
import { candidates, pulls } from '../../src/db/schema.ts'
import { mergeOn } from '../end-to-end/github-sample.ts'
import { makeRepository, type TestRepository } from '../git/repository.ts'
import { type GitHubServer, type Installation, type Repository, startGitHub } from '../github/index.ts'
import { testDatabase } from '../postgres.ts'

/** An empty database, and `acme/shop` on the GitHub that is played, on which the App is installed. */
export interface GitHubScene {
  readonly database: Awaited<ReturnType<typeof testDatabase>>
  readonly github: GitHubServer
  readonly git: TestRepository
  readonly installation: Installation
  readonly repository: Repository
  /** Merges a pull that mends an issue with a test, in git and on GitHub; gives its commit. */
  merge(number: number, said?: Said): string
  /** What GitHub says of such a pull; said again it was changed. */
  say(number: number, commit: string, said?: Said): void
  /** What the ledger has of each pull: its candidate's reason, or state. */
  states(): Promise<Record<number, string>>
  /** Everything that was asked of GitHub was as GitHub publishes it. */
  close(): Promise<void>
}

export interface Said {
  readonly body?: string
  readonly labels?: readonly string[]
  /** When it was made and merged; an hour before the scene where nothing is said. */
  readonly at?: Date
  /** The merge commit that GitHub tells, where it is not the one in git. */
  readonly told?: string
}

export async function openGitHubScene(): Promise<GitHubScene> {
  const database = await testDatabase()
  const github = await startGitHub()
  const git = makeRepository()
  git.commit('first', { 'src/a.js': '0\n', 'test/a.test.js': '0\n', 'package.json': '{}\n' })
  const installation = github.addInstallation({ account: 'acme', type: 'Organization' })
  const repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: join(git.folder, '.git') })
  const anHourAgo = new Date(Date.now() - 3600_000)
  let merged = 0

  const say: GitHubScene['say'] = (number, commit, said = {}) => {
    const { body = `Fixes #${number + 100}`, labels = [], at = anHourAgo, told = commit } = said
    const issue = {
      number: number + 100,
      title: `Broken ${number}`,
      body: 'It is.',
      created_at: '2023-01-01T00:00:00Z',
    }
    const time = at.toISOString()
    mergeOn(github, repository, {
      ...{ number, title: `Mend ${number}`, body, created_at: time, merged_at: time, merge_commit_sha: told },
      ...{ base: { ref: 'main' }, head: { sha: commit }, labels: labels.map((name) => ({ name })) },
      user: { login: 'bob', type: 'User' },
      issues: body === '' ? [] : [{ ...issue, user: { login: 'ann', type: 'User' }, comments: [] }],
    })
  }
  return {
    ...{ database, github, git, installation, repository, say },
    merge(number, said) {
      merged += 1
      const content = `${number}, ${merged}\n`
      const commit = git.commit(`Mend ${number} (#${number})`, { 'src/a.js': content, 'test/a.test.js': content })
      say(number, commit, said)
      return commit
    },
    async states() {
      const rows = await database.db
        .select({ number: pulls.number, state: candidates.state, reason: candidates.reason })
        .from(candidates)
        .innerJoin(pulls, eq(pulls.id, candidates.pullId))
      return Object.fromEntries(rows.map(({ number, state, reason }) => [number, reason ?? state]))
    },
    async close() {
      await github.close()
      await database.close()
      rmSync(git.folder, { recursive: true })
      expect(github.problems).toEqual([])
    },
  }
}
