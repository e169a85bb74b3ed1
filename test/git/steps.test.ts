import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { askGitSteps } from '../../src/git/steps.ts'
import { makeFolder } from './repository.ts'

const folder = makeFolder()
const own = (script: string) => ['-c', `alias.own=!${script}`, 'own']
/** The shell runs the steps in a copy of itself, that one git, and git the alias. */
const parent = (pid: string) => `$(ps -o ppid= -p ${pid})`
const steps = parent(parent('$$'))
const shell = parent(steps)
const shellOf = (name: string) => own(`echo ${shell} > ${join(folder, name)}`)
const read = (name: string) => Number(readFileSync(join(folder, name), 'utf8'))
const lives = (pid: number) => existsSync(`/proc/${pid}`)

test('the steps share one shell, one after the other, up to the first that fails', async () => {
  const answer = await askGitSteps(folder, [own('echo one'), own('echo two >&2; exit 1'), own('echo three')])
  expect({ ...answer, stdout: answer.stdout.toString() }).toEqual({ failed: 1, stdout: 'one\n', stderr: 'two\n' })
})

test('a shell is used again, and knows nothing of what it did before', async () => {
  await askGitSteps(folder, [shellOf('first')], { variables: { QUARRY_TOLD: 'once' } })
  const told = await askGitSteps(folder, [shellOf('second'), own('echo $QUARRY_TOLD $PWD')])
  expect(read('second')).toBe(read('first'))
  expect(told.stdout.toString()).toBe(`${folder}\n`)
})

test('what is written comes whole, whatever the bytes', async () => {
  const input = join(folder, 'input')
  writeFileSync(input, randomBytes(5 * 1024 * 1024))
  const { stdout } = await askGitSteps(folder, [own('cat; printf "\\n0 000"')], { input })
  expect(stdout.equals(Buffer.concat([readFileSync(input), Buffer.from('\n0 000')]))).toBe(true)
})

test('several at once each get their own answer', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => askGitSteps(folder, [own(`echo ${at}`)])))
  expect(answers.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 20 }, (_, at) => at))
})

test('what a signal ended is a fault, and no answer of git', async () => {
  await expect(askGitSteps(folder, [own('kill -9 $$')])).rejects.toThrow(Fault)
  await expect(askGitSteps(folder, [own(`kill -9 ${steps}`)])).rejects.toThrow(Fault)
})

test('what runs past its deadline is a fault, and is ended with all that it started', async () => {
  const waiting = askGitSteps(folder, [own(`echo $$ > ${join(folder, 'late')}; sleep 1000`)], { deadlineSeconds: 1 })
  await expect(waiting).rejects.toThrow(/took too long/)
  while (lives(read('late'))) await delay(5)
  expect((await askGitSteps(folder, [own('echo well')])).stdout.toString()).toBe('well\n')
})

test('a shell that is killed at work is a fault; one that is killed while it waits is not missed', async () => {
  await expect(askGitSteps(folder, [own(`kill -9 ${shell}`), own('sleep 1000')])).rejects.toThrow(Fault)
  await askGitSteps(folder, [shellOf('idle')])
  process.kill(read('idle'), 'SIGKILL')
  while (lives(read('idle'))) await delay(5)
  expect((await askGitSteps(folder, [own('echo well')])).stdout.toString()).toBe('well\n')
})

test('shells keep no program alive, and end with it', async () => {
  const script = `import { askGitSteps } from '${join(import.meta.dirname, '../../src/git/steps.ts')}'
    const { stdout } = await askGitSteps('/', [['-c', 'alias.own=!echo ${shell}', 'own']])
    console.log(Number(stdout))`
  const pid = Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { timeout: 20_000 }))
  expect(pid).toBeGreaterThan(1)
  while (lives(pid)) await delay(5)
})
