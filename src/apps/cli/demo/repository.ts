import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execaSync } from 'execa'
import { firstFiles } from './first-files.ts'
import type { Files, SamplePull } from './types.ts'

export interface SampleRepository {
  /** A bare repository, as a mirror of the host has it: with `refs/pull/N/head`. */
  readonly path: string
  /** The pulls file beside it. */
  readonly pullsFile: string
}

/**
 * Builds the repository `acme/shop` and its pulls file in a folder that is empty, with real git, the same commit ids
 * every time. A pull begins where the main branch is then, and is merged a day after the one before.
 */
export function buildSampleRepository(folder: string, pulls: readonly SamplePull[]): SampleRepository {
  const work = join(folder, 'work')
  mkdirSync(work, { recursive: true })
  const git = gitIn(work)
  git(0, 'init', '--quiet', '--initial-branch=main')
  git(0, 'remote', 'add', 'origin', 'https://git.invalid/acme/shop.git')
  commit(git, work, 0, 'Open the shop', firstFiles)
  const lines = pulls.map((pull, index) =>
    JSON.stringify(pullLine(pull, index + 1, mergePull(git, work, pull, index + 1))),
  )
  const path = join(folder, 'shop.git')
  git(0, 'clone', '--quiet', '--bare', '--no-local', work, path)
  gitIn(path)(0, 'fetch', '--quiet', work, '+refs/pull/*:refs/pull/*')
  gitIn(path)(0, 'remote', 'set-url', 'origin', 'https://git.invalid/acme/shop.git')
  rmSync(work, { recursive: true })
  const pullsFile = join(folder, 'shop-pulls.jsonl')
  writeFileSync(pullsFile, `${lines.join('\n')}\n`)
  return { path, pullsFile }
}

const firstDay = Date.UTC(2025, 10, 3, 9)
const hour = 3_600_000

/** When something happened: so many hours after nine o'clock on the pull's day. */
function at(day: number, hours: number): string {
  return new Date(firstDay + day * 24 * hour + hours * hour).toISOString().replace('.000', '')
}

type Git = (day: number, ...args: string[]) => string

/** Git without the user's own settings, so that ids, line ends and hooks are the same everywhere. */
function gitIn(directory: string): Git {
  const fixed = {
    PATH: process.env.PATH,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@shop.invalid',
    GIT_COMMITTER_NAME: 'Acme',
    GIT_COMMITTER_EMAIL: 'acme@shop.invalid',
  }
  return (day, ...args) => {
    const dates = { GIT_AUTHOR_DATE: at(day, 1), GIT_COMMITTER_DATE: at(day, 2) }
    return execaSync('git', args, { cwd: directory, env: { ...fixed, ...dates }, extendEnv: false }).stdout
  }
}

function commit(git: Git, work: string, day: number, message: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(work, path)
    mkdirSync(dirname(target), { recursive: true })
    if (content === null) rmSync(target)
    else writeFileSync(target, content)
  }
  git(day, 'add', '--all')
  git(day, 'commit', '--quiet', '--message', message)
}

interface Merged {
  readonly head: string
  /** Null where it was not merged. */
  readonly mergeCommit: string | null
}

function mergePull(git: Git, work: string, pull: SamplePull, day: number): Merged {
  git(day, 'checkout', '--quiet', '-b', `pull-${pull.number}`, 'main')
  for (const { message, files } of pull.commits) commit(git, work, day, message, files)
  const head = git(day, 'rev-parse', 'HEAD')
  git(day, 'update-ref', `refs/pull/${pull.number}/head`, head)
  git(day, 'checkout', '--quiet', 'main')
  merge(git, pull, day)
  git(day, 'branch', '--quiet', '-D', `pull-${pull.number}`)
  return { head, mergeCommit: pull.style === 'closed' ? null : git(day, 'rev-parse', 'HEAD') }
}

function merge(git: Git, pull: SamplePull, day: number): void {
  const branch = `pull-${pull.number}`
  if (pull.style === 'merge') {
    const message = `Merge pull request #${pull.number} from acme/${branch}\n\n${pull.title}`
    git(day, 'merge', '--quiet', '--no-ff', '--message', message, branch)
  }
  if (pull.style === 'squash') {
    git(day, 'merge', '--quiet', '--squash', branch)
    git(day, 'commit', '--quiet', '--message', `${pull.title} (#${pull.number})\n\n${pull.body}`)
  }
  // Replayed with the host as committer, as GitHub does even where main stood still: other ids than the branch's.
  if (pull.style === 'rebase') git(day + 0.1, 'rebase', '--quiet', '--force-rebase', 'main', branch)
  if (pull.style === 'rebase') git(day, 'checkout', '--quiet', '-B', 'main', branch)
}

function pullLine(pull: SamplePull, day: number, { head, mergeCommit }: Merged): object {
  const { issue, number, title, body, user } = pull
  const hint = issue?.hint && { user: { login: 'mia', type: 'User' }, body: issue.hint, created_at: at(day, -1) }
  const link = issue && {
    number: issue.number,
    title: issue.title,
    body: issue.body,
    created_at: at(day, -2),
    user: { login: 'mia', type: 'User' },
    comments: hint ? [hint] : [],
  }
  return {
    number,
    title,
    body,
    created_at: at(day, 0),
    merged_at: mergeCommit === null ? null : at(day, 3),
    merge_commit_sha: mergeCommit,
    base: { ref: 'main' },
    head: { sha: head },
    user,
    labels: [],
    issues: link ? [link] : [],
  }
}
