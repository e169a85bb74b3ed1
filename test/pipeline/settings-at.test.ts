import { expect, test } from 'vitest'
import type { RepositorySettings } from '../../src/model/index.ts'
import { runSecondsAt, settingsAt } from '../../src/pipeline/settings-at.ts'
import { emptyMirror, type File, treeOf } from '../snapshot/sample.ts'

async function treeWith(file: File | null) {
  const mirror = await emptyMirror()
  return {
    mirror,
    tree: await treeOf(mirror, { 'a.js': '', ...(file === null ? {} : { '.github/quarry.yml': file }) }),
  }
}

const stored: RepositorySettings = {
  environment: { install: ['npm ci'] },
  paths: { ignore: ['vendor/**'] },
  limits: { run_minutes: 3 },
}
const nothing = { environment: null, paths: null, problems: [] }

test.each([
  ['no file, and none stored', null, null, nothing],
  [
    'no file',
    null,
    stored,
    { environment: stored.environment, paths: { test: [], ignore: ['vendor/**'] }, problems: [] },
  ],
  ['a file of its own', 'environment: { build: [] }', stored, { ...nothing, environment: { build: [] } }],
  ['an empty file of its own', '', stored, nothing],
])('%s', async (_, file, given, expected) => {
  const { mirror, tree } = await treeWith(file)
  expect(await settingsAt(mirror, tree, given)).toEqual(expected)
})

test.each([
  ['a file with mistakes', 'environment: { instal: [] }'],
  ['a link', { mode: '120000', content: '../secret.yml' }],
])('%s: nothing is followed, and the mistakes come out', async (_, file) => {
  const { mirror, tree } = await treeWith(file)
  expect(await settingsAt(mirror, tree, stored)).toEqual({
    ...nothing,
    problems: [expect.objectContaining({ line: 1 })],
  })
})

test.each([
  ['what is stored', 'limits: { run_minutes: 9 }', stored, 180],
  ["the tree's own, where nothing is stored", 'limits: { run_minutes: 9 }', null, 540],
  ["no more than the operator's", 'limits: { run_minutes: 60 }', null, 600],
  ["the operator's, where nobody says more", null, {}, 600],
  ["the operator's, under a file with mistakes", 'limits: { run_minutes: -1 }', null, 600],
])('a run may take %s', async (_, file, given, seconds) => {
  const { mirror, tree } = await treeWith(file)
  expect(await runSecondsAt(mirror, tree, given, 600)).toBe(seconds)
})
