/** The names that somebody who wrote `wanted` may have meant, the nearest first. */
export function nearNames(wanted: string, names: readonly string[], most = 3): string[] {
  const part = wanted.split('/')[1] ?? wanted
  return names
    .map((name) => ({
      name,
      distance: Math.min(distance(wanted, name), distance(part, name.split('/')[1] ?? name) + 1),
    }))
    .filter(({ name, distance: far }) => far <= Math.max(2, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}

/** Letters to add, remove or change (Levenshtein), in whatever case. */
function distance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()]
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
