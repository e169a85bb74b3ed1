import { splitOptions, valuesOf } from './options.ts'
import { joined } from './paths.ts'
import { parseRakefile, type RakeTask } from './rakefile.ts'
import { partsOf, type TaskCall, type TaskPart } from './task-runner.ts'

const valued = new Set(['-f', '--rakefile', '-C', '--directory', '-j', '-I', '-r', '--require', '-R', '-e', '-n'])
const mostTasks = 100
const mostFiles = 40

/** `rake test spec A=1`: each task's prerequisites, then what it starts. Null where none of the tasks can be read. */
export async function runRake(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const { options, rest } = splitOptions(call.words.slice(1), valued)
  const directory = valuesOf(options, '-C', '--directory').reduce(joined, call.directory)
  const named = valuesOf(options, '-f', '--rakefile')[0]
  const tasks = await tasksIn(call, directory, named)
  const goals = rest.filter((word) => !/^\w+=/.test(word)).map((word) => word.replace(/\[.*$/, ''))
  const made = new Set<string>()
  const parts = (goals.length === 0 ? ['default'] : goals).flatMap((goal) => partsFor(tasks, goal, directory, made))
  return parts.length === 0 ? null : parts
}

/** The tasks of the Rakefile, and of the files that it commonly loads. */
async function tasksIn(
  { tree }: TaskCall,
  directory: string,
  named: string | undefined,
): Promise<ReadonlyMap<string, RakeTask>> {
  const names = named === undefined ? ['Rakefile', 'rakefile', 'Rakefile.rb', 'rakefile.rb'] : [named]
  const file = names.map((name) => joined(directory, name)).find((path) => tree.has(path))
  const loaded = tree.paths.filter((path) =>
    ['rakelib', 'tasks', 'lib/tasks', 'rake'].some(
      (folder) => path.startsWith(`${joined(directory, folder)}/`) && path.endsWith('.rake'),
    ),
  )
  const tasks = new Map<string, RakeTask>()
  for (const path of [...(file === undefined ? [] : [file]), ...loaded.slice(0, mostFiles)]) {
    for (const task of parseRakefile((await tree.read(path)) ?? '', path)) {
      const known = tasks.get(task.name)
      tasks.set(
        task.name,
        known === undefined
          ? task
          : { ...known, needs: [...known.needs, ...task.needs], starts: [...known.starts, ...task.starts] },
      )
    }
  }
  return tasks
}

function partsFor(
  tasks: ReadonlyMap<string, RakeTask>,
  name: string,
  directory: string,
  made: Set<string>,
): readonly TaskPart[] {
  const task = tasks.get(name)
  if (task === undefined || made.has(name) || made.size >= mostTasks) return []
  made.add(name)
  const namespace = name.includes(':') ? name.slice(0, name.lastIndexOf(':') + 1) : ''
  const needs = task.needs.map((need) => (tasks.has(namespace + need) ? namespace + need : need))
  return [
    ...needs.flatMap((need) => partsFor(tasks, need, directory, made)),
    ...partsOf(task.starts, { label: `${task.file} ${name}`, directory }),
  ]
}
