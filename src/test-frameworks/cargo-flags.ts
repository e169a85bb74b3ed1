/** What says which packages and features are tested. */
const valued = new Set(['-p', '--package', '--exclude', '--features', '-F'])
const plain = new Set(['--workspace', '--all', '--all-features', '--no-default-features'])

/**
 * The flags of a `cargo test` that choose packages and features; the rest (profiles, targets, output, filters, what stands behind `--`) is left to
 * us. A flag whose value nobody could read is left out.
 */
export function chosenFlags(given: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let at = 0; at < given.length; at += 1) {
    const argument = given[at] ?? ''
    if (argument === '--') break
    const [name = ''] = argument.split('=', 1)
    const isPair = valued.has(name) && argument === name
    const words = isPair ? [name, given[at + 1] ?? ''] : [argument]
    if (isPair) at += 1
    if (plain.has(argument)) kept.push(argument === '--all' ? '--workspace' : argument)
    else if (valued.has(name) && !words.some((word) => word === '' || word.includes('$'))) kept.push(...words)
  }
  // `--workspace --all` is the same word twice, which cargo does not take.
  return kept.filter((flag, at) => !plain.has(flag) || kept.indexOf(flag) === at)
}
