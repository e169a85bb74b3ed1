import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { homeWithDownloads } from '../downloads.ts'
import { testDatabase } from '../postgres.ts'
import { type Ended, jsonLines, runQuarry } from './sample.ts'

export type Files = Readonly<Record<string, string>>

/** A repository of two commits, the second of which is the merge of pull 2, which fixes issue 1; with a data folder and a database. */
export interface SmallRepository {
  /** Quarry's data folder. */
  readonly home: string
  readonly database: Awaited<ReturnType<typeof testDatabase>>
  /** What `quarry mine --json` said of the pull, and all that it printed. */
  mine(): Promise<{ readonly line: Readonly<Record<string, unknown>> | undefined; readonly told: string }>
  quarry(args: readonly string[], input?: string): Promise<Ended>
  patchOf(which: 'fix' | 'test'): Promise<string>
  /** The reward of a patch, by `quarry grade`. */
  rewardOf(patch: string): Promise<unknown>
  remove(): Promise<void>
}

export async function makeSmallRepository(name: string, base: Files, merge: Files): Promise<SmallRepository> {
  const folder = mkdtempSync(join(tmpdir(), `quarry-${name}-`))
  const database = await testDatabase()
  const home = homeWithDownloads(join(folder, 'home'))
  const work = join(folder, 'work')
  commit(work, base, 'Begin', '2025-09-01T10:00:00Z')
  const pull = pullLine(commit(work, merge, 'Mend it (#2)', '2025-09-02T10:00:00Z'))
  const pullsFile = join(folder, 'pulls.jsonl')
  writeFileSync(pullsFile, `${JSON.stringify(pull)}\n`)
  const quarry = (args: readonly string[], input?: string) =>
    runQuarry(args, { QUARRY_HOME: home, DATABASE_URL: database.url }, input)
  const task = `acme__${name}-2`
  return {
    home,
    database,
    quarry,
    async mine() {
      const args = ['mine', work, '--name', `acme/${name}`, '--pulls', pullsFile, '--json']
      const { stdout, stderr } = await quarry(args)
      return { line: jsonLines(stdout)[0], told: stderr + stdout }
    },
    patchOf: async (which) => (await quarry(['task', task, '--patch', which])).stdout,
    rewardOf: async (patch) =>
      jsonLines((await quarry(['grade', task, '--patch', '-', '--json'], patch)).stdout)[0]?.reward,
    async remove() {
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function commit(work: string, files: Files, message: string, date: string): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), text)
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Ada', '-c', 'user.email=ada@shop.invalid', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_CONFIG_GLOBAL: '/dev/null' },
    }).trim()
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message', message)
  return git('rev-parse', 'HEAD')
}

function pullLine(merge: string) {
  const user = { login: 'ada', type: 'User' }
  const issue = { number: 1, title: 'It is wrong', body: 'It should be right', created_at: '2025-09-01T12:00:00Z' }
  return {
    ...{ number: 2, title: 'Mend it', body: 'Fixes #1', merge_commit_sha: merge, user, labels: [] },
    ...{ created_at: '2025-09-02T08:00:00Z', merged_at: '2025-09-02T10:00:00Z', base: { ref: 'main' } },
    head: { sha: null },
    issues: [{ ...issue, user, comments: [] }],
  }
}

/** A patch that adds one file. */
export function added(path: string, text: string): string {
  const lines = text.replace(/\n$/, '').split('\n')
  const header = `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n`
  return `${header}@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`
}

/** A patch that writes another text over a file. */
export function replaced(path: string, old: string, text: string): string {
  const lines = (whole: string, sign: string) =>
    whole
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `${sign}${line}\n`)
  const [gone, came] = [lines(old, '-'), lines(text, '+')]
  const header = `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,${gone.length} +1,${came.length} @@\n`
  return header + [...gone, ...came].join('')
}

/** Of a patch, what it does to one file. */
export function partOf(patch: string, path: string): string {
  return patch.split(/(?=^diff --git )/m).find((part) => part.startsWith(`diff --git a/${path} `)) ?? ''
}
