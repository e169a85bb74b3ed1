/** What a path of a Maven repository names. */
export type MavenPath =
  | { readonly kind: 'metadata'; readonly path: string; readonly checksum: string | null }
  | {
      readonly kind: 'artifact'
      readonly path: string
      readonly file: string
      readonly checksum: string | null
      /** A snapshot's model was asked for: `path` is that of the release of its number. */
      readonly isStandIn: boolean
    }
  /** What there is none of, as a snapshot's metadata: Maven then asks for its files by their plain names. */
  | { readonly kind: 'absent'; readonly name: string }
  | { readonly kind: 'refused'; readonly why: string }

const name = /^[\w.+~-]+$/
const snapshot = '-SNAPSHOT'

/** Reads a path below a repository's root: `group/…/artifact/version/artifact-version[-classifier].extension`. */
export function readPath(segments: readonly string[]): MavenPath {
  if (segments.length < 2 || !segments.every((segment) => name.test(segment)))
    return refused('not a path of a Maven repository')
  const last = segments.at(-1) ?? ''
  const checksum = /\.(?<kind>sha1|md5|sha256|sha512)$/.exec(last)?.groups?.kind ?? null
  const file = checksum === null ? last : last.slice(0, -checksum.length - 1)
  const path = [...segments.slice(0, -1), file].join('/')
  const folder = segments.at(-2) ?? ''
  const artifact = segments.at(-3) ?? ''
  if (folder.endsWith(snapshot)) return snapshotOf(segments, file, checksum)
  if (file === 'maven-metadata.xml') return { kind: 'metadata', path, checksum }
  if (segments.length < 4 || !file.startsWith(`${artifact}-${folder}`))
    return refused('not a path of a Maven repository')
  return { kind: 'artifact', path, file, checksum, isStandIn: false }
}

/**
 * A snapshot is another thing every day, and gone when its release is out. Of its model, which may be a parent of what is built, the release's says the
 * same; its jars are never stood in for: they may be the very repository's, with the fix in them.
 */
function snapshotOf(segments: readonly string[], file: string, checksum: string | null): MavenPath {
  const [artifact = '', folder = ''] = segments.slice(-3, -1)
  if (file === 'maven-metadata.xml') return { kind: 'absent', name: `${artifact}:${folder}` }
  if (segments.length < 4 || file !== `${artifact}-${folder}.pom`)
    return refused(`${artifact} ${folder}: a snapshot is another thing every day`)
  const release = folder.slice(0, -snapshot.length)
  const path = [...segments.slice(0, -2), release, `${artifact}-${release}.pom`].join('/')
  return { kind: 'artifact', path, file, checksum, isStandIn: true }
}

function refused(why: string): MavenPath {
  return { kind: 'refused', why }
}
