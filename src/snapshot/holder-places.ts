import type { Holder, Language } from '../languages/index.ts'
import { matchLines } from './line-match.ts'

/**
 * Where an item that stood at a place of one file's code belongs in another's: inside what has the name of what held it there. Of such places those in
 * unchanged surroundings (`same`) come first, then behind or before the lines that were its neighbours, then the end of its holder; the end of the
 * file where the holder is gone.
 */
export function placesByHolder(
  holders: NonNullable<Language['holders']>,
  donor: string,
  code: string,
): (at: number, same: readonly number[]) => number {
  const [there, here] = [holders(donor), holders(code)]
  let neighbours: ((at: number) => readonly number[]) | null = null
  return (at, same) => {
    const name = holderAt(there, at)
    const fits = (place: number) => holderAt(here, place) === name
    const unchanged = same.find(fits)
    if (unchanged !== undefined) return unchanged
    neighbours ??= neighbourPlaces(donor, code)
    return neighbours(at).find(fits) ?? endOf(here, code, name) ?? code.length
  }
}

/** The name of the innermost holder of a place; empty: the file. */
function holderAt(holders: readonly Holder[], at: number): string {
  return holders.findLast(({ body }) => body.start <= at && at <= body.end)?.name ?? ''
}

/** The line above the closing brace of the last holder of that name. */
function endOf(holders: readonly Holder[], code: string, name: string): number | null {
  const holder = holders.findLast((each) => each.name === name)
  if (holder === undefined) return null
  const line = code.lastIndexOf('\n', holder.body.end - 1) + 1
  return line >= holder.body.start && code.slice(line, holder.body.end).trim() === '' ? line : null
}

/** Places next to the lines that stood around a place: behind the one above it, before the one below it. */
function neighbourPlaces(donor: string, code: string): (at: number) => readonly number[] {
  const [from, to] = [linesOf(donor), linesOf(code)]
  const matched = matchLines(
    from.map(({ text }) => text),
    to.map(({ text }) => text),
  )
  if (matched === null) return () => []
  return (at) => {
    const below = from.findIndex(({ start }) => start >= at)
    const line = below === -1 ? from.length : below
    const behind = matched[line - 1]
    const before = matched[line]
    return [
      ...(behind == null ? [] : [to[behind + 1]?.start ?? code.length]),
      ...(before == null ? [] : [to[before]?.start ?? code.length]),
    ]
  }
}

function linesOf(text: string): { text: string; start: number }[] {
  let start = 0
  return text.split(/(?<=\n)/).map((line) => {
    const from = start
    start += line.length
    return { text: line, start: from }
  })
}
