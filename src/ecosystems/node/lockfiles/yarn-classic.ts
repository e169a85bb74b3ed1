import { isForeignRange, isForeignSource, isNative } from './foreign.ts'
import type { Lockfile } from './types.ts'

/** One block of a yarn.lock v1: `"a@^1", "a@^1.2":` and what is indented below it. */
interface Block {
  readonly patterns: readonly string[]
  readonly version: string | null
  readonly resolved: string | null
  readonly dependencies: Readonly<Record<string, string>>
  readonly lines: readonly string[]
}

/** yarn.lock as yarn 1 writes it. `ranges` tells which range the package in a directory asks a name for. */
export function readYarnClassicLockfile(
  path: string,
  content: string,
  ranges: (directory: string, name: string) => string | null,
): Lockfile {
  const blocks = readBlocks(content)
  return {
    kind: 'yarn-classic',
    path,
    format: '1',
    content,
    version: (directory, name) => {
      const range = ranges(directory, name)
      const named = blocks.filter((block) => block.patterns.some((pattern) => nameOf(pattern) === name))
      return (
        (
          named.find((block) => block.patterns.includes(`${name}@${range}`)) ??
          (named.length === 1 ? named[0] : undefined)
        )?.version ?? null
      )
    },
    foreign: blocks.flatMap((block) =>
      isForeignBlock(block)
        ? [{ name: nameOf(block.patterns[0] ?? ''), source: block.resolved ?? block.patterns[0] ?? '' }]
        : [],
    ),
    native: [
      ...new Set(blocks.flatMap((block) => (isNative(block.dependencies) ? [nameOf(block.patterns[0] ?? '')] : []))),
    ],
    withoutForeign: () => withoutForeign(content, blocks),
  }
}

function readBlocks(content: string): Block[] {
  return content
    .replaceAll('\r\n', '\n')
    .split(/\n(?=\S)/)
    .flatMap((chunk) => {
      const lines = chunk.split('\n')
      const head = lines[0] ?? ''
      if (head.startsWith('#') || !head.endsWith(':')) return []
      const patterns = head.slice(0, -1).split(', ').map(unquoted)
      const field = (name: string): string | null => {
        const line = lines.find((each) => each.startsWith(`  ${name} `))
        return line === undefined ? null : unquoted(line.slice(name.length + 3).trim())
      }
      return [
        {
          patterns,
          version: field('version'),
          resolved: field('resolved'),
          dependencies: dependenciesIn(lines),
          lines,
        },
      ]
    })
}

function dependenciesIn(lines: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const line of lines) {
    const match = /^ {4}("[^"]+"|\S+) (.+)$/.exec(line)
    if (match?.[1] !== undefined && match[2] !== undefined) found[unquoted(match[1])] = unquoted(match[2])
  }
  return found
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1')
}

function nameOf(pattern: string): string {
  const cut = pattern.indexOf('@', 1)
  return cut === -1 ? pattern : pattern.slice(0, cut)
}

function isForeignBlock(block: Block): boolean {
  const ranges = block.patterns.map((pattern) => pattern.slice(nameOf(pattern).length + 1))
  return block.resolved === null ? ranges.some(isForeignRange) : isForeignSource(block.resolved)
}

function withoutForeign(content: string, blocks: readonly Block[]): string {
  const head = content
    .replaceAll('\r\n', '\n')
    .split(/\n(?=\S)/)
    .filter((chunk) => chunk.startsWith('#'))
    .join('\n')
  const kept = blocks
    .filter((block) => !isForeignBlock(block))
    .map((block) =>
      block.lines
        .filter((line) => !isForeignLine(line))
        .join('\n')
        .trimEnd(),
    )
  return `${head}\n\n${kept.join('\n\n')}\n`
}

function isForeignLine(line: string): boolean {
  const range = /^ {4}(?:"[^"]+"|\S+) (.+)$/.exec(line)?.[1]
  return range !== undefined && isForeignRange(unquoted(range))
}
