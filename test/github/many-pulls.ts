import { execFileSync } from 'node:child_process'
import type { GitHubServer } from './index.ts'
import type { Comment, Repository } from './types.ts'

/** Pull n is `commits[n]`, a squash onto main; the first commit is no pull's. */
export interface ManyPulls {
  readonly gitDir: string
  readonly commits: readonly string[]
}

/** A bare repository of so many squashed pulls, each of which changes a source file and its test. */
export function makeManyPulls(gitDir: string, pulls: number, messageOf = titleOf): ManyPulls {
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', args, { input, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'] })
  git(['init', '--quiet', '--bare', '--initial-branch=main', gitDir])
  const commits = Array.from({ length: pulls + 1 }, (_, n) => commit(n, n === 0 ? 'first' : messageOf(n)))
  git(['-C', gitDir, 'fast-import', '--quiet'], commits.join(''))
  return { gitDir, commits: git(['-C', gitDir, 'rev-list', '--reverse', 'main']).trim().split('\n') }
}

function titleOf(number: number): string {
  return `Round prices ${number} (#${number})`
}

function commit(n: number, message: string): string {
  const who = `Ann <ann@example.com> ${timeOf(n) / 1000} +0000`
  const file = (path: string) => `M 100644 inline ${path}\n${data(`export const value = ${n}\n`)}`
  const files = `${file(`src/module${n % 100}.js`)}${file(`test/module${n % 100}.test.js`)}`
  return `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\n${data(message)}${files}\n`
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`
}

/** Pulls are merged an hour apart. */
function timeOf(number: number): number {
  return Date.UTC(2020, 0, 1) + number * 3_600_000
}

export function timeText(number: number): string {
  return new Date(timeOf(number)).toISOString()
}

/** The pulls on the GitHub that is played. One in `closing` closes an issue, whose number is the pull's and the count of pulls. */
export function addManyPulls(
  github: GitHubServer,
  repository: Repository,
  { commits }: ManyPulls,
  options: { readonly closing: number; readonly comments: (number: number) => number },
): void {
  const count = commits.length - 1
  for (const [number, sha] of commits.entries()) {
    if (number === 0) continue
    const closes = number % options.closing === 0 ? [count + number] : []
    github.addPull(repository, {
      ...{ number, title: `Round prices ${number}`, body: 'Prices were wrong.', user: 'ann' },
      ...{ createdAt: timeText(number - 0.5), mergedAt: timeText(number), mergeCommit: sha },
      ...{ head: { sha, ref: `topic-${number}` }, commits: [sha], closes },
    })
    for (const issue of closes) {
      github.addIssue(repository, {
        ...{
          number: issue,
          title: `Prices ${number}`,
          body: 'It says 2.',
          createdAt: timeText(number - 2),
          user: 'bob',
        },
        comments: manyComments(number, options.comments(number)),
      })
    }
  }
}

export function manyComments(number: number, count: number): Comment[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ user: 'cid', body: `Here too, ${at}`, createdAt: timeText(number - 1) },
  }))
}
