/* Vitest's reporter: runs in the main process, while tests run in workers. For vitest 0.23 and newer. */
import { createRequire } from 'node:module'

const writer = createRequire(import.meta.url)('./report.cjs').claim()

function statusOf(task) {
  if (task.mode === 'skip' || task.mode === 'todo') return 'skipped'
  const state = task.result?.state
  if (state === 'pass') return 'passed'
  if (state === 'fail') return 'failed'
  // A test that was told to run and never came to a result: its worker left early.
  return state === 'skip' || state === 'todo' ? 'skipped' : 'errored'
}

function messageOf(task) {
  const errors = task.result?.errors ?? (task.result?.error ? [task.result.error] : [])
  return errors.map((error) => error?.stack ?? error?.message ?? String(error)).join('\n')
}

function reportTasks(file, tasks, names) {
  for (const task of tasks ?? []) {
    const path = [...names, task.name]
    if (task.type === 'suite' || task.tasks) {
      reportTasks(file, task.tasks, path)
      // A failing hook of a suite belongs to no test.
      if (task.result?.errors?.length)
        writer.test({ file, path, status: 'errored', ms: null, message: messageOf(task) })
    } else {
      writer.test({ file, path, status: statusOf(task), ms: task.result?.duration, message: messageOf(task) })
    }
  }
}

const reported = new Set()

/** One file's tests, once it has ended; asked again it does nothing. */
function reportFile(file) {
  if (writer === null || reported.has(file.id)) return
  reported.add(file.id)
  reportTasks(file.filepath, file.tasks, [])
  const failedItself = file.result?.errors?.length || file.result?.error
  const broken = failedItself || (file.result?.state === 'fail' && file.tasks.length === 0)
  if (broken) writer.test({ file: file.filepath, path: [], status: 'errored', ms: null, message: messageOf(file) })
}

/** A snapshot that is not there must fail its test, not be written: that is what vitest does on a CI machine. */
function refuseNewSnapshots(configuration) {
  if (configuration?.snapshotOptions) configuration.snapshotOptions.updateSnapshot = 'none'
}

export default class QuarryReporter {
  #vitest
  #ended = false

  onInit(vitest) {
    this.#vitest = vitest
    refuseNewSnapshots(vitest.config)
    for (const project of vitest.projects ?? []) refuseNewSnapshots(project.config)
  }

  /** From vitest 3 on: one file has ended. */
  onTestModuleEnd(module) {
    reportFile(module.task)
  }

  /** Up to vitest 2: results as they come; a file's own comes last. */
  onTaskUpdate(packs) {
    for (const [id, result] of packs) {
      const task = this.#vitest?.state.idMap.get(id)
      if (task?.filepath && (result?.state === 'pass' || result?.state === 'fail')) reportFile(task)
    }
  }

  /** Up to vitest 3. */
  onFinished(files = []) {
    this.#end(files)
  }

  /** From vitest 3 on. */
  onTestRunEnd(modules, _errors, reason) {
    if (reason !== 'interrupted') this.#end(modules.map((module) => module.task))
  }

  #end(files) {
    // Vitest 3 calls both methods.
    if (writer === null || this.#ended) return
    this.#ended = true
    for (const file of files) reportFile(file)
    writer.end()
  }
}
