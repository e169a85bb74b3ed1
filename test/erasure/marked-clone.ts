import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeRepository, type TestRepository } from '../git/repository.ts'

/** Stands in the source, the issue and the names of the tests of what is forgotten, and nowhere else. */
export const markerOf = (name: string) => `Zanzibar7${name}Quokka`

/** A repository to mine, with the arguments that do it. */
export interface Clone {
  readonly repository: TestRepository
  readonly pulls: string
  readonly arguments: string[]
}

/** A repository whose pull #2 mends what its issue #1 tells of, each with `word` in it. `slow`: what its tests wait for, in seconds. */
export function makeClone(folder: string, name: string, word: string, slow = 0): Clone {
  const repository = makeRepository(join(folder, name))
  const files = (body: string, check: string) => ({
    'package.json': '{"name":"halves","scripts":{"test":"node --test test/*.test.js"}}\n',
    'half.js': `// ${word}\nexports.half = (n) => ${body}\n`,
    'test/half.test.js': `const { test } = require('node:test')
const { half } = require('../half.js')
test('${word} halves', async () => { await new Promise((r) => setTimeout(r, ${slow * 1000})); ${check} })
`,
  })
  repository.commit('Begin', files('n', 'half(0)'))
  const merged = repository.commit(
    `Halve ${word} (#2)\n\nFixes #1`,
    files('n / 2', 'if (half(4) !== 2) throw new Error(half(4))'),
  )
  const at = '2024-01-01T00:00:00Z'
  const pull = {
    number: 2,
    title: `Halve ${word}`,
    body: `Fixes #1 ${word}`,
    created_at: at,
    merged_at: at,
    merge_commit_sha: merged,
    base: { ref: 'main' },
    head: { sha: null },
    user: { login: word, type: 'User' },
    labels: [{ name: word }],
    issues: [
      {
        number: 1,
        title: `Broken ${word}`,
        body: `It breaks ${word}`,
        created_at: at,
        user: { login: word },
        comments: [{ user: { login: word }, body: word, created_at: '2023-12-31T00:00:00Z' }],
      },
    ],
  }
  const pulls = join(folder, `${name}.jsonl`)
  writeFileSync(pulls, `${JSON.stringify(pull)}\n`)
  const args = ['mine', repository.folder, '--name', `acme/${name}`, '--pulls', pulls, '--json']
  return { repository, pulls, arguments: args }
}
