import picomatch from 'picomatch'

/** Globs of what one ecosystem's install may leave in a layer, and of what is derived from the repository's sources, from its root. */
export interface LayerRules {
  readonly kept: readonly string[]
  readonly derived: readonly string[]
}

/**
 * Whether a path belongs in a layer. What an ecosystem installs stays, unless it is derived from that same ecosystem's sources; what the
 * repository itself tracks never does. Folders are gone into where anything below them may be kept.
 */
export function keptInLayer(
  rules: readonly LayerRules[],
  tracked: ReadonlySet<string>,
): (path: string, isFolder: boolean) => boolean {
  const matchers = rules.map(({ kept, derived }) => ({
    isKept: picomatch([...kept], { dot: true }),
    isDerived: picomatch([...derived], { dot: true }),
  }))
  return (path, isFolder) =>
    (isFolder || !tracked.has(path)) &&
    matchers.some(({ isKept, isDerived }) => (isFolder || isKept(path)) && !isDerived(path))
}
