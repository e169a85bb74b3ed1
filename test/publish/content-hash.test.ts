import { describe, expect, test } from 'vitest'
import { contentHash, environmentDigest, type TaskContent } from '../../src/publish/content-hash.ts'

const content: TaskContent = {
  statement: { title: 'Rounds', issue: 'It rounds down', hints: '' },
  baseTree: '1'.repeat(40),
  beforeTree: '2'.repeat(40),
  afterTree: '3'.repeat(40),
  fixPatch: Buffer.from('fix'),
  testPatch: Buffer.from('tests'),
  failToPass: ['a', 'b'],
  passToPass: ['c', 'd'],
  environment: 'sha256:1',
}

test('is the same whatever the order of keys and tests', () => {
  const turned = Object.fromEntries(Object.entries(content).reverse()) as unknown as TaskContent
  expect(contentHash(turned)).toBe(contentHash(content))
  expect(contentHash({ ...content, failToPass: ['b', 'a'], passToPass: ['d', 'c'] })).toBe(contentHash(content))
  expect(contentHash({ ...content, statement: { hints: '', issue: 'It rounds down', title: 'Rounds' } })).toBe(
    contentHash(content),
  )
  expect(contentHash(content)).toMatch(/^sha256:[0-9a-f]{64}$/)
})

test('is the same whatever else the row has that holds the content', () => {
  const row = { ...content, id: 7, candidateId: 8, createdAt: new Date(0), tag: 'v1' }
  expect(contentHash(row)).toBe(contentHash(content))
})

describe('is another with another', () => {
  const changes: { readonly [Part in keyof TaskContent]: TaskContent[Part] } = {
    statement: { ...content.statement, hints: 'Look at the cart' },
    baseTree: '4'.repeat(40),
    beforeTree: '4'.repeat(40),
    afterTree: '4'.repeat(40),
    fixPatch: Buffer.from([0xff, 0xfe]),
    testPatch: Buffer.from([0xff]),
    failToPass: ['a'],
    passToPass: ['c', 'd', 'e'],
    environment: 'sha256:2',
  }
  test.each(Object.entries(changes))('%s', (part, value) => {
    expect(contentHash({ ...content, [part]: value })).not.toBe(contentHash(content))
  })

  test('byte of a patch that is no text', () => {
    const hashOf = (byte: number) => contentHash({ ...content, fixPatch: Buffer.from([byte]) })
    expect(hashOf(0xff)).not.toBe(hashOf(0xfe))
  })
})

test('of an environment: the same for the same layer, root and strategy', () => {
  const parts = { layer: 'sha256:a', root: 'debian', strategy: { name: 'lockfile', install: [] } }
  expect(environmentDigest({ ...parts, strategy: { install: [], name: 'lockfile' } })).toBe(environmentDigest(parts))
  expect(environmentDigest({ ...parts, layer: 'sha256:b' })).not.toBe(environmentDigest(parts))
  expect(environmentDigest({ ...parts, root: 'fedora' })).not.toBe(environmentDigest(parts))
})
