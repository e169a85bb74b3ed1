/** What a requirement asks for: a name as in its index, the extras, the versions, the marker. Null: it names no package, or a file elsewhere. */
export interface Requirement {
  /** As PEP 503 writes it. */
  readonly name: string
  readonly text: string
  /** It names where it comes from itself: a git host, another address, a folder. */
  readonly elsewhere: boolean
}

/** Reads one requirement of PEP 508 or of a requirements file; null for options, comments and paths. */
export function readRequirement(line: string): Requirement | null {
  const text = line
    .replace(/(?:^|\s)#.*$/, '')
    .replace(/\s--hash=\S+/g, '')
    .replace(/\\$/, '')
    .trim()
  if (text === '' || text.startsWith('-')) return null
  const egg = /^(?:git|hg|svn|bzr)\+\S+?#egg=(?<name>[\w.-]+)/.exec(text)?.groups?.name
  if (egg !== undefined) return { name: packageName(egg), text, elsewhere: true }
  const { name, rest } =
    /^(?<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?<rest>.*)$/.exec(text)?.groups ?? {}
  if (name === undefined || rest === undefined || /^[/\\:]/.test(rest)) return null
  if (rest !== '' && !/^[@<>=!~;(]/.test(rest)) return null
  return { name: packageName(name), text, elsewhere: rest.startsWith('@') }
}

export function packageName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

/** A line of a requirements file that only the repository's own index, a git host or another server could answer. */
export function leadsElsewhere(line: string): boolean {
  return (
    /^\s*(?:-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--trusted-host)\b/.test(line) ||
    /^\s*(?:(?:-e|--editable)[\s=]*)?(?:git|hg|svn|bzr)\+|^\s*(?:(?:-e|--editable)[\s=]*)?(?:https?|ssh|git):\/\//.test(
      line,
    ) ||
    /^[^#]*\s@\s*(?:\w+\+)?(?:https?|ssh|git):/.test(line)
  )
}
