import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import Table from 'cli-table3'

type Cell = string | number | null

/** Where results go: standard output. A table for people, or one JSON object a line for programs. */
export interface Output {
  readonly json: boolean
  /** A result for programs; nothing is written unless `json`. */
  object(value: object): void
  /** Lines for people; nothing is written if `json`. */
  text(...lines: readonly string[]): void
  /** A result that is bytes, written as they are; nothing is written if `json`. */
  bytes(content: Buffer): void
  heading(title: string): void
  table(head: readonly string[], rows: readonly (readonly Cell[])[]): void
}

export interface Screen {
  readonly stream: Writable
  /** A terminal gets colours and frames; a file or a pipe plain columns. */
  readonly terminal: boolean
}

export function createOutput(screen: Screen, json: boolean): Output {
  const write = (text: string): void => {
    screen.stream.write(`${text}\n`)
  }
  return {
    json,
    object: (value) => {
      if (json) write(JSON.stringify(value))
    },
    text: (...lines) => {
      if (!json) for (const line of lines) write(line)
    },
    bytes: (content) => {
      if (!json) screen.stream.write(content)
    },
    heading: (title) => {
      if (!json) write(screen.terminal ? `\n${styleText('bold', title)}` : `\n${title}`)
    },
    table: (head, rows) => {
      if (!json) write(drawTable(head, rows, screen.terminal))
    },
  }
}

const bare = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
    [side, ''],
    [`${side}-mid`, ''],
    [`${side}-left`, ''],
    [`${side}-right`, ''],
    [`left-${side}`, ''],
    [`right-${side}`, ''],
  ]),
)

function drawTable(head: readonly string[], rows: readonly (readonly Cell[])[], terminal: boolean): string {
  const style = { head: terminal ? ['bold'] : [], border: terminal ? ['gray'] : [], compact: true }
  const frame = terminal ? {} : { chars: { ...bare, middle: '  ' } }
  const padding = terminal ? {} : { 'padding-left': 0, 'padding-right': 0 }
  const table = new Table({ head: [...head], style: { ...style, ...padding }, ...frame })
  for (const row of rows) table.push(row.map((cell) => (cell === null ? '-' : String(cell))))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
