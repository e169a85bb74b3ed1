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

/**
 * Places next to the lines that stood around a place: behind the one above it, before the one below it, blank lines passed over. Where new lines stand between
 * these two now, the place comes first that is followed by a blank line as the old one was, or by none. Where both lines are gone, the blank ones between them tell.
 */
function neighbourPlaces(donor: string, code: string): (at: number) => readonly number[] {
  const [from, to] = [linesOf(donor), linesOf(code)]
  const matched = matchLines(
    from.map(({ text }) => text),
    to.map(({ text }) => text),
  )
  if (matched === null) return () => []
  const isBlank = (line: { text: string } | undefined) => (line?.text ?? '').trim() === ''
  return (at) => {
    const next = from.findIndex(({ start }) => start >= at)
    const line = next === -1 ? from.length : next
    const above = line - blanks(from, line - 1, -1) - 1
    const below = line + blanks(from, line, 1)
    const [behind, before] = [matched[above] ?? null, matched[below] ?? null]
    const blank = matched[line] ?? null
    const places = [
      ...(behind === null ? [] : [behind + 1 + Math.min(blanks(to, behind + 1, 1), line - 1 - above)]),
      ...(before === null ? [] : [before - Math.min(blanks(to, before - 1, -1), below - line)]),
    ]
    const isAsBefore = (place: number) => isBlank(to[place]) === isBlank(from[line])
    return [
      ...places.toSorted((one, other) => Number(isAsBefore(other)) - Number(isAsBefore(one))),
      ...(blank === null ? [] : [blank]),
    ].map((place) => to[place]?.start ?? code.length)
  }
}

/** How many blank lines stand in a row from `at` on, upwards or downwards. */
function blanks(lines: readonly { readonly text: string }[], at: number, step: 1 | -1): number {
  let count = 0
  while (lines[at + count * step]?.text.trim() === '') count += 1
  return count
}

function linesOf(text: string): { text: string; start: number }[] {
  let start = 0
  return text.split(/(?<=\n)/).map((line) => {
    const from = start
    start += line.length
    return { text: line, start: from }
  })
}
