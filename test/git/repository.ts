import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A real git repository of a test: files are written, commits made, branches merged as a person would. */
export interface TestRepository {
  readonly folder: string
  git(...args: string[]): string
  write(files: Readonly<Record<string, string | Buffer>>): void
  /** Writes, adds everything and commits; gives the id. Each commit is a minute younger than the last. */
  commit(message: string, files?: Readonly<Record<string, string | Buffer>>, author?: string): string
  /** Commits to a branch that leaves `main` here, then merges it with a merge commit of that message. */
  mergePull(
    branch: string,
    message: string,
    commits: readonly { message: string; files: Record<string, string> }[],
  ): string
}

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'quarry-test-'))
}

export function makeRepository(folder: string = makeFolder()): TestRepository {
  let clock = Date.UTC(2024, 0, 1) / 1000
  const git = (...args: string[]): string => {
    clock += 60
    const variables = {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_DATE: `${clock} +0000`,
      GIT_COMMITTER_DATE: `${clock} +0000`,
      GIT_AUTHOR_NAME: 'Ann',
      GIT_AUTHOR_EMAIL: 'ann@example.com',
      GIT_COMMITTER_NAME: 'Ann',
      GIT_COMMITTER_EMAIL: 'ann@example.com',
    }
    return execFileSync('git', args, { cwd: folder, env: variables, encoding: 'utf8', stdio: 'pipe' }).trim()
  }
  mkdirSync(folder, { recursive: true })
  git('init', '--quiet', '--initial-branch=main', '.')
  const repository: TestRepository = {
    folder,
    git,
    write(files) {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), content)
      }
    },
    commit(message, files = {}, author = 'Ann <ann@example.com>') {
      repository.write(files)
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', message, '--author', author)
      return git('rev-parse', 'HEAD')
    },
    mergePull(branch, message, commits) {
      git('checkout', '--quiet', '-b', branch)
      for (const { message: own, files } of commits) repository.commit(own, files)
      git('checkout', '--quiet', 'main')
      git('merge', '--quiet', '--no-ff', branch, '--message', message)
      return git('rev-parse', 'HEAD')
    },
  }
  return repository
}
