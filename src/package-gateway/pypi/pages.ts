import type { IndexFile } from './project-page.ts'

const jsonType = 'application/vnd.pypi.simple.v1+json'

/** A project's page as clients of today (PEP 691) or of old (PEP 503) read it; its files are had from `address`. */
export function renderPage(
  name: string,
  files: readonly IndexFile[],
  accept: string,
  address: string,
): { readonly type: string; readonly body: Buffer } {
  const own = (file: IndexFile) => `${address}/files/${name}/${encodeURIComponent(file.filename)}`
  if (accept.includes(jsonType)) {
    const page = {
      meta: { 'api-version': '1.1' },
      name,
      versions: [],
      files: files.map((file) => json(file, own(file))),
    }
    return { type: jsonType, body: Buffer.from(JSON.stringify(page)) }
  }
  const lines = files.map((file) => anchor(file, own(file)))
  const head = '<meta name="pypi:repository-version" content="1.0">'
  const html = `<!DOCTYPE html>\n<html><head>${head}</head><body>\n${lines.join('\n')}\n</body></html>\n`
  return { type: 'text/html; charset=utf-8', body: Buffer.from(html) }
}

function json(file: IndexFile, url: string): object {
  return {
    filename: file.filename,
    url,
    hashes: file.hashes,
    yanked: file.yanked,
    'core-metadata': file.metadata,
    'dist-info-metadata': file.metadata,
    ...(file.requiresPython === null ? {} : { 'requires-python': file.requiresPython }),
    ...(file.size === null ? {} : { size: file.size }),
    ...(file.uploadedAt === null ? {} : { 'upload-time': new Date(file.uploadedAt).toISOString() }),
  }
}

function anchor(file: IndexFile, url: string): string {
  const [algorithm] = ['sha256', 'sha512', 'sha384', 'sha1', 'md5'].filter((name) => name in file.hashes)
  const fragment = algorithm === undefined ? '' : `#${algorithm}=${file.hashes[algorithm]}`
  const attributes = [
    ['href', `${url}${fragment}`],
    ...(file.requiresPython === null ? [] : [['data-requires-python', file.requiresPython]]),
    ...(file.yanked === false ? [] : [['data-yanked', file.yanked === true ? '' : file.yanked]]),
  ]
  const text = attributes.map(([name, value]) => `${name}="${escaped(value ?? '')}"`).join(' ')
  return `<a ${text}>${escaped(file.filename)}</a>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
