import { compareVersions, isPrerelease } from './version-order.ts'

/** The versions that a maven-metadata.xml lists, in its order; empty where it lists none (that of a group's plugins). */
export function listedVersions(metadata: string): readonly string[] {
  const list = /<versions>(?<list>[\s\S]*?)<\/versions>/.exec(metadata)?.groups?.list ?? ''
  return [...list.matchAll(/<version>\s*([^<\s]+)\s*<\/version>/g)].map((match) => match[1] ?? '')
}

/** The file with these versions alone: what it calls the newest is the newest of them. */
export function withVersions(metadata: string, versions: readonly string[]): string {
  const kept = new Set(versions)
  const sorted = versions.toSorted(compareVersions)
  const newest = sorted.at(-1)
  const release = sorted.findLast((version) => !isPrerelease(version)) ?? newest
  const named = (text: string, tag: string, version: string | undefined) =>
    text.replace(new RegExp(`<${tag}>\\s*([^<\\s]*)\\s*</${tag}>`), (whole, known: string) =>
      kept.has(known) || version === undefined ? whole : `<${tag}>${version}</${tag}>`,
    )
  const cut = metadata.replace(
    /<versions>[\s\S]*?<\/versions>/,
    `<versions>\n${listedVersions(metadata)
      .filter((version) => kept.has(version))
      .map((version) => `      <version>${version}</version>\n`)
      .join('')}    </versions>`,
  )
  return named(named(cut, 'latest', newest), 'release', release)
}

/** When a version came out (milliseconds), as far as can be told; null: it can't. */
export type TellTime = (version: string) => Promise<number | null>

export interface Visible {
  readonly versions: readonly string[]
  /** The age of some version that was asked for could not be told. */
  readonly unsure: boolean
}

/** Versions next below the line that are looked at one by one: patches of older lines come later than their numbers say. */
const lookedAt = 3

/**
 * The versions that were out at a time. Telling the age of one takes a request or two, so the line is looked for by halving: versions come in
 * their order but for patches of older lines. Never empty: the lowest stands in.
 */
export async function visibleAt(versions: readonly string[], asOf: Date, tell: TellTime): Promise<Visible> {
  const sorted = versions.toSorted(compareVersions)
  let unsure = false
  const isOut = async (version: string): Promise<boolean> => {
    const time = await tell(version)
    unsure ||= time === null
    return time === null || time <= asOf.getTime()
  }
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (await isOut(sorted[middle] ?? '')) low = middle + 1
    else high = middle
  }
  const visible = sorted.slice(0, low)
  const late = new Set<string>()
  for (const version of visible.slice(-lookedAt)) if (!(await isOut(version))) late.add(version)
  const kept = visible.filter((version) => !late.has(version))
  return { versions: kept.length === 0 ? sorted.slice(0, 1) : kept, unsure }
}
