import type { SchemaElement } from 'hyparquet'
import type { FullTask } from '../../query/tasks.ts'
import { installConfigOf, instanceOf, metaOf } from '../instance.ts'

/** SWE-bench's columns in its order, the two lists as lists; then ours. What has no fixed shape is JSON in a string. */
export function rowOf(task: FullTask) {
  return {
    ...instanceOf(task),
    language: task.language,
    frameworks: task.frameworks,
    flags: task.flags,
    install_config: JSON.stringify(installConfigOf(task)),
    meta: JSON.stringify(metaOf(task)),
  }
}

export type Row = ReturnType<typeof rowOf>

/** Every column with what it holds, in the order of the file. */
const columns: Readonly<Record<keyof Row, 'text' | 'list'>> = {
  repo: 'text',
  instance_id: 'text',
  base_commit: 'text',
  patch: 'text',
  test_patch: 'text',
  problem_statement: 'text',
  hints_text: 'text',
  created_at: 'text',
  version: 'text',
  FAIL_TO_PASS: 'list',
  PASS_TO_PASS: 'list',
  environment_setup_commit: 'text',
  language: 'text',
  frameworks: 'list',
  flags: 'list',
  install_config: 'text',
  meta: 'text',
}

/** Rows turned into columns, as the writer takes them. */
export function columnData(rows: readonly Row[]) {
  return columnNames().map((name) => ({ name, data: rows.map((row) => row[name]), nullable: false }))
}

function columnNames(): (keyof Row)[] {
  const isName = (name: string): name is keyof Row => name in columns
  return Object.keys(columns).filter(isName)
}

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const

/** Nothing is null. Lists have the three levels that the format's own rules ask for, or readers take them for something else. */
export const schema: SchemaElement[] = [
  { name: 'root', num_children: Object.keys(columns).length },
  ...columnNames().flatMap((name): SchemaElement[] =>
    columns[name] === 'text'
      ? [{ name, ...text }]
      : [
          { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
          { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
          { name: 'element', ...text },
        ],
  ),
]
