import type { ReportedTest, TestStatus } from '../model/index.ts'
import { type LibtestOutput, readLibtest } from './libtest.ts'
import { cleanMessage, cleanName } from './test-name.ts'

const worstFirst: readonly TestStatus[] = ['errored', 'failed', 'skipped', 'passed']

/**
 * The examples in documentation, as `cargo test --doc` told of them: one suite a crate (two, where some are compiled together). An item's examples are one test,
 * `doctest Cart::total`, which passes where all of them do: their lines move with each patch, and one more of them is no other test. No item is called
 * like that, as it has a blank in it. `file` is relative to the workspace.
 */
export function readExamples({ output, exitCode }: { readonly output: string; readonly exitCode: number }) {
  const suites = output
    .split(/^(?=\{ "type": "suite", "event": "started")/m)
    .flatMap((text) => readLibtest(text, /"type": "suite", "event": "failed"/.test(text) ? 101 : 0) ?? [])
  const failed = suites.some(({ tests }) => tests.some(({ status }) => status === 'failed'))
  const isWhole = suites.every((suite) => suite.isWhole) && (exitCode === 0) === !failed
  const examples = new Map<string, ReportedTest & { readonly file: string }>()
  for (const test of suites.flatMap(({ tests }) => tests)) {
    const told = exampleOf(test, isWhole)
    if (told === null) continue
    const id = `${told.file} ${told.path.join('')}`
    const known = examples.get(id)
    if (known === undefined || worstFirst.indexOf(told.status) < worstFirst.indexOf(known.status))
      examples.set(id, told)
  }
  return [...examples.values()]
}

/** `src/lib.rs - Cart<T>::total (line 10) - compile fail`; what documents the crate or a whole file has no name. */
function exampleOf(
  { name, status, milliseconds, message }: LibtestOutput['tests'][number],
  isWhole: boolean,
): (ReportedTest & { readonly file: string }) | null {
  const { file, item } = /^(?<file>.+?\.rs) - (?<item>.+?) \(line \d+\)(?: - [a-z ]+)?$/.exec(name)?.groups ?? {}
  if (file === undefined || item === undefined) return null
  return {
    ...{ file, path: [cleanName(`doctest ${item.replaceAll(/\s+/g, '')}`)], milliseconds },
    status: status === 'passed' && !isWhole ? 'errored' : status,
    message: message === null ? null : cleanMessage(message),
  }
}
