import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import {
  findSource,
  openTree,
  resolveRevision,
  type Source,
  type SourceOptions,
  updateMirror,
} from '../../src/git/index.ts'
import { makeFolder, makeRepository, type TestRepository } from './repository.ts'

let scratch: string
let repository: TestRepository

beforeEach(() => {
  scratch = makeFolder()
  repository = makeRepository(join(scratch, 'origin'))
  repository.commit('first', { 'a.txt': '1\n' })
})
afterEach(() => rmSync(scratch, { recursive: true }))

const named: SourceOptions = { forge: 'forge.example', directory: '/', name: 'acme/shop' }
const mirrorFolder = () => join(scratch, 'mirrors', 'acme__shop.git')

async function update(source: Source) {
  const mirror = await updateMirror(mirrorFolder(), source)
  await mirror.close()
  return mirror
}

async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof UserError) return error
  throw new Error(`expected a UserError, got ${String(error)}`)
}

describe('a mirror', () => {
  it('holds branches, tags and pull heads of its source, and follows it', async () => {
    repository.git('tag', 'v1')
    repository.git('update-ref', 'refs/pull/7/head', 'HEAD')
    repository.git('update-ref', 'refs/notes/x', 'HEAD')
    const source = await findSource(repository.folder, named)
    const mirror = await update(source)
    expect((await mirror.text(['for-each-ref', '--format=%(refname)'])).split('\n')).toEqual([
      'refs/heads/main',
      'refs/pull/7/head',
      'refs/tags/v1',
    ])
    const next = repository.commit('second', { 'a.txt': '2\n' })
    await update(source)
    expect(await resolveRevision(mirror, 'HEAD')).toBe(next)
  })

  it('follows branches that were rewritten, removed, or became folders', async () => {
    repository.git('branch', 'topic')
    const source = await findSource(repository.folder, named)
    const mirror = await update(source)
    repository.git('branch', '-D', 'topic')
    repository.git('branch', 'topic/a')
    repository.git('commit', '--quiet', '--amend', '--message', 'rewritten')
    await update(source)
    expect(await mirror.text(['log', '-1', '--format=%s', 'HEAD'])).toBe('rewritten')
    expect(await resolveRevision(mirror, 'refs/heads/topic/a')).not.toBeNull()
    expect(await resolveRevision(mirror, 'refs/heads/topic')).toBeNull()
  })

  it('shares nothing with its source', async () => {
    const mirror = await update(await findSource(repository.folder, named))
    rmSync(repository.folder, { recursive: true })
    expect(existsSync(join(mirror.folder, 'objects/info/alternates'))).toBe(false)
    const tree = await openTree(mirror, 'HEAD')
    expect(await tree.read('a.txt')).toBe('1\n')
    await mirror.close()
  })

  it('shares nothing with a source that borrows its objects elsewhere', async () => {
    const borrower = join(scratch, 'borrower')
    repository.git('clone', '--quiet', '--shared', repository.folder, borrower)
    makeRepository(borrower).commit('own')
    const mirror = await update(await findSource(borrower, named))
    rmSync(repository.folder, { recursive: true })
    rmSync(borrower, { recursive: true })
    expect(await mirror.text(['fsck', '--no-dangling'])).toBe('')
  })

  it('is whole though its source is packed in part, and its packs hold more than is kept', async () => {
    repository.commit('never kept')
    repository.git('gc', '--quiet')
    repository.git('update-ref', 'refs/notes/x', 'HEAD')
    repository.git('reset', '--quiet', '--hard', 'HEAD~1')
    const last = repository.commit('loose', { 'b.txt': 'b\n' })
    const mirror = await update(await findSource(repository.folder, named))
    rmSync(repository.folder, { recursive: true })
    expect(await resolveRevision(mirror, 'HEAD')).toBe(last)
    expect(await mirror.text(['fsck', '--no-dangling'])).toBe('')
  })

  it('of a clone has the default branch of the forge, not the one checked out', async () => {
    const folder = join(scratch, 'clone')
    repository.git('clone', '--quiet', repository.folder, folder)
    const clone = makeRepository(folder)
    clone.git('checkout', '--quiet', '-b', 'my-work')
    clone.commit('work in progress')
    const mirror = await update(await findSource(folder, named))
    expect(await mirror.text(['symbolic-ref', 'HEAD'])).toBe('refs/heads/main')
    expect(await mirror.text(['log', '-1', '--format=%s', 'HEAD'])).toBe('first')
  })

  it('of a linked work tree or of a bare repository is the same', async () => {
    const linked = join(scratch, 'linked')
    repository.git('worktree', 'add', '--quiet', '-b', 'side', linked)
    const bare = join(scratch, 'bare.git')
    repository.git('clone', '--quiet', '--bare', repository.folder, bare)
    for (const path of [linked, bare, join(repository.folder, '.git')]) {
      const mirror = await update(await findSource(path, named))
      expect(await resolveRevision(mirror, 'HEAD')).toBe(repository.git('rev-parse', 'main'))
    }
  })

  it('is made whole though two processes start it at once', async () => {
    const source = await findSource(repository.folder, named)
    const mirrors = await Promise.allSettled([update(source), update(source)])
    expect(mirrors.some(({ status }) => status === 'fulfilled')).toBe(true)
    const mirror = await update(source)
    expect(await mirror.text(['fsck', '--no-dangling'])).toBe('')
    expect(readdirSync(join(scratch, 'mirrors'))).toEqual(['acme__shop.git'])
  })

  it('goes on after a killed fetch left its locks and half a pack', async () => {
    const source = await findSource(repository.folder, named)
    await update(source)
    const next = repository.commit('second')
    const old = new Date(Date.now() - 3 * 24 * 3600 * 1000)
    for (const left of [
      'refs/heads/main.lock',
      'packed-refs.lock',
      'HEAD.lock',
      'objects/info/commit-graphs/commit-graph-chain.lock',
      'objects/pack/tmp_pack_x',
      'scratch/work-x',
    ]) {
      mkdirSync(join(mirrorFolder(), 'scratch'), { recursive: true })
      writeFileSync(join(mirrorFolder(), left), '')
      utimesSync(join(mirrorFolder(), left), old, old)
    }
    const mirror = await update(source)
    expect(await resolveRevision(mirror, 'HEAD')).toBe(next)
    expect(existsSync(join(mirrorFolder(), 'objects/pack/tmp_pack_x'))).toBe(false)
    expect(existsSync(join(mirrorFolder(), 'scratch/work-x'))).toBe(false)
  })

  it('runs no hook and takes no setting of its source', async () => {
    const ran = join(scratch, 'ran')
    repository.git('config', 'uploadpack.packObjectsHook', `touch ${ran}`)
    writeFileSync(join(repository.folder, '.git/hooks/post-upload-pack'), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 })
    await update(await findSource(repository.folder, named))
    expect(existsSync(ran)).toBe(false)
  })

  it.runIf(process.getuid?.() === 0)('is made from a repository that another user owns', async () => {
    for (const path of ['.', '.git', '.git/objects', '.git/HEAD'])
      chownSync(join(repository.folder, path), 12345, 12345)
    const mirror = await update(await findSource(repository.folder, named))
    expect(await resolveRevision(mirror, 'HEAD')).not.toBeNull()
  })
})

describe('what is no repository is refused with its mend', () => {
  it('a folder, even one inside a repository', async () => {
    mkdirSync(join(repository.folder, 'inside'))
    const error = await refusal(findSource(join(repository.folder, 'inside'), named))
    expect(error.message).toContain('is not a git repository')
    expect(error.mend).not.toBeNull()
  })

  it('nothing at all', async () => {
    expect((await refusal(findSource('./nowhere', named))).mend).toContain('owner/name')
  })

  it('an empty repository', async () => {
    const empty = makeRepository(join(scratch, 'empty'))
    expect((await refusal(findSource(empty.folder, named).then(update))).message).toContain('is empty')
  })

  it('a shallow clone', async () => {
    repository.commit('second')
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.folder}`, join(scratch, 'shallow'))
    const error = await refusal(findSource(join(scratch, 'shallow'), named))
    expect(error.mend).toContain('fetch --unshallow')
  })

  it('a partial clone', async () => {
    repository.git('config', 'uploadpack.allowFilter', 'true')
    repository.git(
      'clone',
      '--quiet',
      '--filter=blob:none',
      '--bare',
      `file://${repository.folder}`,
      join(scratch, 'partial'),
    )
    expect((await refusal(findSource(join(scratch, 'partial'), named))).message).toContain('partial clone')
  })

  it('a repository without a name', async () => {
    const error = await refusal(findSource(repository.folder, { forge: 'forge.example', directory: '/' }))
    expect(error.mend).toContain('--name owner/name')
  })

  it('an address that nothing answers at', async () => {
    const source = await findSource(`http://127.0.0.1:${await closedPort()}/acme/shop.git`, {
      forge: 'x',
      directory: '/',
    })
    expect((await refusal(update(source))).mend).toContain('network')
  })

  it('an address of a kind that could run commands', async () => {
    const ran = join(scratch, 'ran')
    const source = await findSource(`ext::sh -c touch% ${ran}`, named).catch((error: unknown) => error)
    expect(source).toBeInstanceOf(UserError)
    await refusal(
      update({
        location: `ext::sh -c touch% ${ran}`,
        local: false,
        authorization: null,
        name: { forge: 'x', owner: 'a', name: 'b' },
      }),
    )
    expect(existsSync(ran)).toBe(false)
  })
})

describe('a source’s name', () => {
  it.each([
    ['https://forge.example/acme/shop.git', 'forge.example'],
    ['https://user:secret@Forge.example:8443/acme/shop/', 'forge.example'],
    ['ssh://git@forge.example:22/acme/shop.git', 'forge.example'],
    ['git@forge.example:acme/shop.git', 'forge.example'],
    ['acme/shop', 'default.example'],
  ])('comes from %s', async (text, forge) => {
    const source = await findSource(text, { forge: 'default.example', directory: scratch })
    expect(source.name).toEqual({ forge, owner: 'acme', name: 'shop' })
    expect(source.location).not.toContain('secret')
  })

  it('comes from the remote `origin` of a clone, unless it is given', async () => {
    repository.git('remote', 'add', 'origin', 'git@forge.example:acme/shop.git')
    const options = { forge: 'default.example', directory: '/' }
    expect((await findSource(repository.folder, options)).name).toEqual({
      forge: 'forge.example',
      owner: 'acme',
      name: 'shop',
    })
    expect((await findSource(repository.folder, { ...options, name: 'other/name' })).name.owner).toBe('other')
    expect((await refusal(findSource(repository.folder, { ...options, name: 'other' }))).mend).toContain('owner/name')
  })
})

describe('credentials', () => {
  it('reach the server and no file of the mirror', async () => {
    const seen: (string | undefined)[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(403).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const source = await findSource(`http://bot:s3cret@127.0.0.1:${port}/acme/shop.git`, named)
    const error = await refusal(update(source))
    server.close()
    expect(seen[0]).toBe(`Basic ${Buffer.from('bot:s3cret').toString('base64')}`)
    expect(error.message).not.toContain('s3cret')
    expect(readFileSync(join(mirrorFolder(), 'config'), 'utf8')).not.toContain('3cret')
  })
})

/** A port of this machine that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
