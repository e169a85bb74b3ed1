/** The path of a request line; of an absolute address, what stands behind its host. Null: it is no address. */
export function pathOf(target: string): string | null {
  const relative = /^https?:\/\/[^/?#]*(?<rest>\/.*)?$/i.exec(target)
  const path = (relative === null ? target : (relative.groups?.rest ?? '/')).split(/[?#]/, 1)[0] ?? ''
  return path.startsWith('/') ? path : null
}

/** Each segment decoded once. A slash may stand encoded only in a scoped name; nothing may be encoded twice. */
export function decodeSegments(path: string): string[] | null {
  const segments: string[] = []
  for (const raw of path.slice(1).split('/')) {
    const decoded = decodeOnce(raw)
    if (decoded === null) return null
    const parts = /^@[^/]+\/[^/]+$/.test(decoded) ? decoded.split('/') : [decoded]
    if (parts.some((part) => part === '' || part === '.' || part === '..' || /[/\\%\0-\x20]/.test(part))) return null
    segments.push(...parts)
  }
  return segments
}

function decodeOnce(raw: string): string | null {
  try {
    return decodeURIComponent(raw)
  } catch {
    // A malformed escape is an answer about the request, not a failure of ours.
    return null
  }
}
