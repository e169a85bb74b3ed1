import type { FullTask } from '../../query/tasks.ts'
import { containerUser } from './settings.ts'
import { runSeconds } from './verification.ts'

/** A run, a second one where PASS_TO_PASS tests failed or the fix as a control, and laying the work tree out twice. */
const runs = 2
const margin = 120

/** Harbor's description of a task. The agent works unprivileged and offline, as the tests ran when they were validated. */
export function taskToml(task: FullTask): string {
  const [owner = '', repository = ''] = task.repository.split('/')
  return `schema_version = "1.1"

[task]
name = ${quoted(`${nameable(owner)}/${nameable(`${repository}-${task.pull}`)}`)}
description = ${quoted(firstLine(task.statement.title))}
authors = []
keywords = ${list([...new Set([task.language, task.ecosystem, ...task.frameworks])])}

[metadata]
instance_id = ${quoted(task.name)}
revision = ${task.revision}
content_hash = ${quoted(task.contentHash)}
repository = ${quoted(task.repository)}
pull = ${task.pull}
base_commit = ${quoted(task.snapshot.baseCommit)}
language = ${quoted(task.language)}
merged_at = ${quoted(task.mergedAt.toISOString())}
flags = ${list(task.flags)}

[verifier]
timeout_sec = ${(runSeconds(task) * runs + margin).toFixed(1)}
user = "root"

[agent]
timeout_sec = 3600.0
user = ${quoted(containerUser.name)}

[environment]
build_timeout_sec = 1800.0
cpus = ${Math.max(1, task.cores)}
memory_mb = 4096
storage_mb = 10240
network_mode = "no-network"
workdir = "/testbed"
`
}

function list(words: readonly string[]): string {
  return `[${words.map(quoted).join(', ')}]`
}

/** TOML's basic strings are JSON's, but for DEL, which it wants escaped. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007F')
}

/** Harbor's names hold letters, digits, dots, dashes and underscores, begin with one of the first two, and never have two dots. */
function nameable(name: string): string {
  return name
    .replace(/[^\w.-]/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^a-zA-Z0-9]+/, '')
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
