import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../../errors.ts'
import { containerPaths, containerUser, type VerifierSettings } from '../../export/harbor/settings.ts'
import { git } from '../../git/command.ts'
import type { Mirror } from '../../git/index.ts'
import { rewardOf } from '../../grade/judge.ts'
import { type Judgement, runAndCompare } from '../../grade/run-and-compare.ts'
import { QUARRY, TESTBED } from '../../sandboxes/addresses.ts'
import { restoreTests } from '../../snapshot/index.ts'
import type { HeldEnvironment } from '../../test-runs/held-environment.ts'
import { runTests } from '../../test-runs/run-tests.ts'
import { openContainerSandbox } from './container-sandbox.ts'
import { emptyFolder, layTestbed, repositoryOf } from './testbed.ts'
import { endProcessesOf } from './user-processes.ts'

/*
 * Grades what is in /testbed, inside the container that it was worked on in: reads it as a tree, puts the tests back, lays the
 * result out anew on what the install left, and runs the tests as an unprivileged user. Writes the reward, or none where the
 * machine is to blame. Bundled into one file for a task's `tests` folder.
 */

const own = dirname(process.argv[1] ?? '')

async function main(): Promise<void> {
  // Written by the export beside this file: not input to be checked.
  const settings: VerifierSettings = JSON.parse(await readFile(join(own, 'task.json'), 'utf8'))
  endProcessesOf(containerUser.id)
  const mirror = await repositoryOf(join(own, 'states.pack'), join(own, 'repository.git'))
  try {
    const candidateTree = await treeOfTestbed(mirror, settings)
    const { tree } = await restoreTests({ mirror, ...settings, candidateTree })
    await emptyFolder('/tmp')
    const held = await hold(mirror, settings)
    await report(settings, await runAndCompare({ ...settings, snapshot: settings }, held, tree))
  } finally {
    await mirror.close()
  }
}

/** What `git add` would take, and what the fix brings though the repository ignores it. */
async function treeOfTestbed(mirror: Mirror, settings: VerifierSettings): Promise<string> {
  const variables = { GIT_DIR: mirror.folder, GIT_WORK_TREE: TESTBED, GIT_INDEX_FILE: join(own, 'index') }
  await git(TESTBED, ['read-tree', settings.baseTree], { variables })
  await git(TESTBED, ['add', '--all'], { variables })
  const brought = settings.changes.filter(({ newBlob }) => newBlob !== null).map(({ path }) => path)
  const ignored = await git(
    TESTBED,
    ['ls-files', '-z', '--others', '--', ...brought.map((path) => `:(literal)${path}`)],
    {
      variables,
    },
  )
  if (brought.length > 0 && ignored.length > 0)
    await git(TESTBED, ['update-index', '--add', '-z', '--stdin'], { variables, input: ignored })
  return (await git(TESTBED, ['write-tree'], { variables })).toString().trim()
}

async function hold(mirror: Mirror, settings: VerifierSettings): Promise<HeldEnvironment> {
  const runner = {
    sandbox: openContainerSandbox(join(QUARRY, 'work')),
    reporters: join(QUARRY, 'reporters'),
    applyScript: '',
    node: process.execPath,
  }
  return {
    strategy: settings.strategy,
    folders: { snapshot: TESTBED, layers: [] },
    async run(tree, selection) {
      await layTestbed(mirror, settings, tree)
      return runTests(runner, {
        base: TESTBED,
        changes: null,
        built: null,
        environment: { strategy: settings.strategy, layers: [], mounts: [] },
        selection,
        watchBuilds: false,
        // The container's own limits are what holds.
        limits: { seconds: settings.seconds, memoryMiB: 0 },
        onCores: (run) => run([]),
      })
    },
  }
}

async function report(settings: VerifierSettings, { verdict, result, log }: Judgement): Promise<void> {
  process.stdout.write(log)
  const reward = rewardOf(verdict)
  const { failToPass, passToPass, run, detail } = result
  const told = {
    task: settings.task,
    ...{ verdict, reward, fail_to_pass: failToPass, pass_to_pass: passToPass, run, detail },
  }
  await replace('report.json', `${JSON.stringify(told, null, 2)}\n`)
  process.stdout.write(`\n${settings.task}: ${verdict}\n`)
  if (reward === null) {
    process.stderr.write('the machine is to blame: no reward is given\n')
    process.exitCode = 1
    return
  }
  await replace('reward.txt', `${reward}\n`)
  await replace('reward.json', `${JSON.stringify({ reward })}\n`)
}

/** What stood there under that name, a link too, may be an agent's. */
async function replace(name: string, text: string): Promise<void> {
  await mkdir(containerPaths.rewards, { recursive: true })
  await rm(join(containerPaths.rewards, name), { recursive: true, force: true })
  await writeFile(join(containerPaths.rewards, name), text)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`the task could not be graded, and no reward is given: ${messageOf(error)}\n`)
  process.exitCode = 1
}
