import { readFileSync } from 'node:fs'
import { Probot } from 'probot'
import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { githubApp } from '../../../src/apps/github-app/app.ts'
import type { Events } from '../../../src/pipeline/github/events.ts'

const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
const plain = parse(read('app.yml'))
const feedback = parse(read('app.feedback.yml'))

/** What every App hears of itself, without asking. */
const unasked = ['installation', 'installation_repositories']

/** `pull_request.closed` → `pull_request`, for all that the App's handlers are there for. */
async function handledEvents(): Promise<string[]> {
  const probot = new Probot({ appId: 1, privateKey: 'none', secret: 'none' })
  const on = vi.spyOn(probot, 'on')
  // No event comes.
  const events: Events = Object.create(null)
  await githubApp(events)(probot, { cwd: '', addHandler: () => undefined })
  return on.mock.calls.flatMap(([names]) => names).map((name) => String(name).split('.')[0] ?? '')
}

test('feedback asks for check runs besides, and for nothing else', () => {
  const { name, default_permissions: permissions, ...rest } = feedback
  const { name: plainName, default_permissions: plainPermissions, ...plainRest } = plain
  expect(name).not.toBe(plainName)
  expect(permissions).toEqual({ ...plainPermissions, checks: 'write' })
  expect(rest).toEqual(plainRest)
})

test('the App asks for nothing that writes, and is nobody else\u2019s', () => {
  expect(new Set(Object.values(plain.default_permissions))).toEqual(new Set(['read']))
  expect([plain.public, feedback.public]).toEqual([false, false])
})

test('the App hears of every event that it handles', async () => {
  const handled = await handledEvents()
  expect(handled).toContain('pull_request')
  expect([...plain.default_events, ...unasked]).toEqual(expect.arrayContaining(handled))
})

test.each([
  ...Object.entries(feedback.default_permissions).map(([name, level]) => `${name}: ${level}`),
  ...feedback.default_events,
])('docs/operating.md says what %s is for', (name) => {
  const installing = read('docs/operating.md').split('\n## ')[1]?.split('\n') ?? []
  expect(installing.filter((row) => row.startsWith(`| \`${name}\``) && row.split('|').length >= 4)).toHaveLength(1)
})
