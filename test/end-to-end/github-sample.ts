import { readFileSync } from 'node:fs'
import { type PullLine, pullLineSchema } from '../../src/model/index.ts'
import type { GitHubServer, Repository } from '../github/index.ts'
import type { Sample } from './sample.ts'

/** The sample's pulls by number, as its pulls file has them. */
export function samplePullLines(sample: Sample): ReadonlyMap<number, PullLine> {
  const lines = readFileSync(sample.pullsFile, 'utf8').trim().split('\n')
  return new Map(lines.map((line) => pullLineSchema.parse(JSON.parse(line))).map((line) => [line.number, line]))
}

/** Merges a pull of the sample on the GitHub that is played: its git has the commits already. */
export function mergeOn(github: GitHubServer, repository: Repository, line: PullLine): void {
  for (const issue of line.issues ?? []) {
    github.addIssue(repository, {
      number: issue.number,
      title: issue.title,
      body: issue.body,
      createdAt: issue.created_at,
      user: issue.user?.login ?? null,
      comments: issue.comments.map(({ user, body, created_at: createdAt }) => ({
        user: user?.login ?? null,
        body,
        createdAt,
      })),
    })
  }
  github.addPull(repository, {
    number: line.number,
    title: line.title,
    body: line.body,
    createdAt: line.created_at ?? line.merged_at ?? '',
    mergedAt: line.merged_at,
    mergeCommit: line.merge_commit_sha,
    baseRef: line.base?.ref ?? 'main',
    head: { sha: line.head?.sha ?? line.merge_commit_sha ?? '', ref: `topic-${line.number}` },
    user: line.user?.login ?? null,
    labels: line.labels.map(({ name }) => name),
    closes: (line.issues ?? []).map(({ number }) => number),
  })
}

export type AppPlace = Pick<GitHubServer, 'url' | 'appId' | 'privateKey' | 'webhookSecret'>

/** The environment of a Quarry that is an App on the GitHub that is played. */
export function appVariables(github: AppPlace): Record<string, string> {
  return {
    APP_ID: String(github.appId),
    PRIVATE_KEY: github.privateKey,
    WEBHOOK_SECRET: github.webhookSecret,
    GHE_HOST: new URL(github.url).host,
    GHE_PROTOCOL: 'http',
    HOST: '127.0.0.1',
    PORT: '0',
  }
}
