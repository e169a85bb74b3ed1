import type { Command } from '../model/index.ts'
import type { FullTask } from '../query/tasks.ts'
import { frameworkNamed } from '../test-frameworks/index.ts'
import { installConfigOf, instanceLine, metaOf } from './instance.ts'
import type { ExportFormat } from './types.ts'

/**
 * SWE-bench's JSON Lines: its own keys first, in its order, the two lists as JSON-encoded strings; then what the harness of its
 * version 5 makes a test spec of, the key that SWE-rebench brought up (`install_config`), and ours under `meta`.
 */
export const swebench: ExportFormat = {
  name: 'swebench',
  title: 'SWE-bench JSON Lines',
  makes: 'lines',
  line: (task) => ({
    ...instanceLine(task),
    language: task.language,
    install_config: installConfigOf(task),
    docker_image: null,
    image: '',
    eval_type: 'pass_and_fail',
    log_parser: 'quarry',
    eval_script: evalScript(task),
    meta: metaOf(task),
  }),
}

/** Builds and tests as recorded, without our reporters: for people to read. No line of it is made for a parser. */
function evalScript({ strategy }: FullTask): string {
  const tests: Command[] = strategy.tests.map((plan) => ({
    argv: frameworkNamed(plan.framework).typed?.(plan) ?? [plan.framework, ...plan.arguments],
    directory: plan.directory,
    variables: plan.variables,
  }))
  return ['#!/bin/bash', 'set -uxo pipefail', ...[...strategy.build, ...tests].map(commandLine), ''].join('\n')
}

function commandLine({ argv, directory, variables }: Command): string {
  const set = Object.entries(variables).map(([name, value]) => quoted(`${name}=${value}`))
  const words = [...(set.length === 0 ? [] : ['env', ...set]), ...argv.map(quoted)]
  return `(cd ${quoted(directory === '.' ? '/testbed' : `/testbed/${directory}`)} && ${words.join(' ')})`
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
