/** What a path of a Maven repository names. */
export type MavenPath =
  | { readonly kind: 'metadata'; readonly path: string; readonly checksum: string | null }
  | {
      readonly kind: 'artifact'
      readonly path: string
      readonly file: string
      readonly checksum: string | null
    }
  | { readonly kind: 'refused'; readonly why: string }

const name = /^[\w.+~-]+$/

/** Reads a path below a repository's root: `group/…/artifact/version/artifact-version[-classifier].extension`. */
export function readPath(segments: readonly string[]): MavenPath {
  if (segments.length < 2 || !segments.every((segment) => name.test(segment)))
    return refused('not a path of a Maven repository')
  const last = segments.at(-1) ?? ''
  const checksum = /\.(?<kind>sha1|md5|sha256|sha512)$/.exec(last)?.groups?.kind ?? null
  const file = checksum === null ? last : last.slice(0, -checksum.length - 1)
  const path = [...segments.slice(0, -1), file].join('/')
  const folder = segments.at(-2) ?? ''
  if (folder.endsWith('-SNAPSHOT'))
    return refused(`${segments.at(-3) ?? ''} ${folder}: a snapshot is another thing every day`)
  if (file === 'maven-metadata.xml') return { kind: 'metadata', path, checksum }
  const artifact = segments.at(-3) ?? ''
  if (segments.length < 4 || !file.startsWith(`${artifact}-${folder}`))
    return refused('not a path of a Maven repository')
  return { kind: 'artifact', path, file, checksum }
}

function refused(why: string): MavenPath {
  return { kind: 'refused', why }
}
