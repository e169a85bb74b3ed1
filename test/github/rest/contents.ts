import { type Answer, notFound, ok, refusal } from '../answer.ts'
import type { GitObject } from '../git-objects.ts'
import type { JsonObject } from '../json.ts'
import type { Scene } from '../scene.ts'
import type { Repository } from '../types.ts'
import type { RestRequest } from './route.ts'

/** A file with its content, or a folder's entries, from the repository's git. */
export async function contentsAnswer(repository: Repository, request: RestRequest, scene: Scene): Promise<Answer> {
  const ref = request.address.searchParams.get('ref') ?? repository.defaultBranch
  const path = (request.named.path ?? '').replace(/^\/+|\/+$/g, '')
  const objects = scene.objects(repository)
  if (request.address.searchParams.has('ref') && (await objects.read(`${ref}^{commit}`)) === null)
    return refusal(404, `No commit found for the ref ${ref}`)
  const found = await objects.read(path === '' ? `${ref}^{tree}` : `${ref}:${path}`)
  const at = (name: string, type: string) => entryShape(scene, repository, { name, type, ref })
  if (found?.type === 'blob' && request.raw) return rawAnswer(found)
  if (found?.type === 'blob') return fileAnswer(found, at(path, 'file'))
  if (found?.type !== 'tree') return notFound
  const sizes = await objects.text(['ls-tree', '-l', '-z', found.oid])
  return ok(
    parseTree(sizes).map(({ name, type, sha, size }) => ({
      ...at(path === '' ? name : `${path}/${name}`, type),
      sha,
      size,
    })),
  )
}

function rawAnswer(blob: GitObject): Answer {
  const headers = { 'content-type': 'application/vnd.github.v3.raw; charset=utf-8' }
  return { status: 200, body: undefined, raw: blob.content, headers }
}

function fileAnswer(blob: GitObject, entry: JsonObject): Answer {
  const raw = blob.content
  if (raw.length > 100 * 1024 * 1024) return refusal(403, 'This API returns blobs up to 100 MB in size.')
  // From 1 MB on GitHub leaves the content out.
  const whole = raw.length <= 1024 * 1024
  return ok({
    ...entry,
    sha: blob.oid,
    size: raw.length,
    content: whole ? raw.toString('base64').replace(/.{60}/g, '$&\n') : '',
    encoding: whole ? 'base64' : 'none',
  })
}

function entryShape(
  scene: Scene,
  repository: Repository,
  entry: { readonly name: string; readonly type: string; readonly ref: string },
): JsonObject {
  const path = entry.name.split('/').map(encodeURIComponent).join('/')
  const api = `${scene.url}/api/v3/repos/${repository.fullName}`
  const url = `${api}/contents/${path}?ref=${encodeURIComponent(entry.ref)}`
  const html = `${scene.url}/${repository.fullName}/blob/${encodeURIComponent(entry.ref)}/${path}`
  return {
    type: entry.type,
    name: entry.name.split('/').at(-1) ?? '',
    path: entry.name,
    url,
    git_url: `${api}/git/blobs`,
    html_url: html,
    download_url: entry.type === 'file' ? html : null,
    _links: { self: url, git: `${api}/git/blobs`, html },
  }
}

/** Lines of `git ls-tree -l -z`: mode, type, id and size, then a tab and the name. */
function parseTree(text: string): { name: string; type: string; sha: string; size: number }[] {
  return text
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [head = '', name = ''] = line.split('\t')
      const [mode = '', kind = '', sha = '', size = '-'] = head.split(/ +/)
      return { name, type: entryType(mode, kind), sha, size: Number(size) || 0 }
    })
}

function entryType(mode: string, kind: string): string {
  if (mode === '120000') return 'symlink'
  if (kind === 'commit') return 'submodule'
  return kind === 'tree' ? 'dir' : 'file'
}
