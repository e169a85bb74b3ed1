import type { FullTask } from '../../query/tasks.ts'
import type { ExportFile, ExportFormat, ExportSources } from '../types.ts'
import { dockerfile } from './dockerfile.ts'
import { installSettings } from './installation.ts'
import { packTrees } from './pack.ts'
import { solveScript, testScript } from './scripts.ts'
import { taskToml } from './task-toml.ts'
import { verifierSettings } from './verification.ts'

/** Harbor's task folders: an image to build, a statement, a solution, and tests that write a reward. */
export const harbor: ExportFormat = {
  name: 'harbor',
  title: 'Harbor task folders',
  makes: 'folder',
  files,
}

async function* files(tasks: AsyncIterable<FullTask>, sources: ExportSources): AsyncGenerator<ExportFile> {
  for await (const task of tasks) {
    for await (const file of taskFiles(task, sources)) yield { ...file, path: `${task.name}/${file.path}` }
  }
}

async function* taskFiles(task: FullTask, sources: ExportSources): AsyncGenerator<ExportFile> {
  const programs = await sources.programs()
  const packs = await sources.withMirror(task, async (mirror) => ({
    install: await installSettings(task, mirror, sources),
    snapshot: await packTrees(mirror, [task.snapshot.baseTree]),
    states: await packTrees(mirror, [task.snapshot.baseTree, task.snapshot.beforeTree, task.snapshot.afterTree]),
  }))
  try {
    yield text('task.toml', taskToml(task))
    yield text('instruction.md', `${task.statement.issue.trimEnd()}\n`)
    yield text('environment/Dockerfile', dockerfile(task, programs))
    yield* below('environment/quarry', programs.install)
    yield text('environment/quarry/install.json', pretty(packs.install))
    yield { path: 'environment/quarry/snapshot.pack', mode: 0o644, content: { file: packs.snapshot.file } }
    yield { path: 'solution/fix.patch', mode: 0o644, content: task.snapshot.fixPatch }
    yield { ...text('solution/solve.sh', solveScript()), mode: 0o755 }
    yield { ...text('tests/test.sh', testScript()), mode: 0o755 }
    yield* below('tests/quarry', programs.verifier)
    yield text('tests/quarry/task.json', pretty(verifierSettings(task)))
    yield { path: 'tests/quarry/states.pack', mode: 0o644, content: { file: packs.states.file } }
  } finally {
    await packs.snapshot.remove()
    await packs.states.remove()
  }
}

function text(path: string, content: string): ExportFile {
  return { path, mode: 0o644, content: Buffer.from(content) }
}

function* below(folder: string, files: ReadonlyMap<string, Buffer>): Generator<ExportFile> {
  for (const [name, content] of files) yield { path: `${folder}/${name}`, mode: 0o644, content }
}

function pretty(value: object): string {
  return `${JSON.stringify(value, null, 1)}\n`
}
