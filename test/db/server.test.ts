import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startOf } from '../../src/db/process-identity.ts'
import { joinServer } from '../../src/db/server.ts'
import { UserError } from '../../src/errors.ts'
import { node, type Program, startProgram } from '../program.ts'

const SEAT = new URL('programs/seat.ts', import.meta.url)
const NOBODY = 65534
const root = process.getuid?.() === 0

const homes: string[] = []

function makeHome(): string {
  const home = mkdtempSync(join(scratch, 'home-'))
  homes.push(home)
  return home
}

/** A home whose server has run before: a copy, since initdb takes longest. */
function readyHome(): string {
  const home = makeHome()
  execFileSync('cp', ['-a', join(initialised, 'postgres'), home])
  return home
}

let initialised: string
const scratch = mkdtempSync(join(tmpdir(), 'quarry-server-'))
const outerTmpdir = process.env.TMPDIR

beforeAll(async () => {
  // The sockets' folders go with the rest.
  chmodSync(scratch, 0o755)
  process.env.TMPDIR = scratch
  initialised = mkdtempSync(join(scratch, 'initialised-'))
  await (await joinServer(initialised, { durable: false })).close()
})

afterAll(() => {
  if (outerTmpdir === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = outerTmpdir
  rmSync(scratch, { recursive: true })
})

function takeSeat(home: string): Program {
  return startProgram(node(SEAT, home))
}

/** The pid of the server that has this home open, or null. */
function serverOf(home: string): number | null {
  const pid = Number(
    execFileSync('sh', [
      '-c',
      'head -n 1 "$1" 2>/dev/null || echo 0',
      'sh',
      join(home, 'postgres/data/postmaster.pid'),
    ]),
  )
  return pid > 0 && startOf(pid) !== null ? pid : null
}

afterEach(async () => {
  for (const home of homes.splice(0)) {
    const pid = serverOf(home)
    if (pid !== null) process.kill(pid, 'SIGQUIT')
    rmSync(home, { recursive: true, force: true, maxRetries: 20 })
  }
})

describe('Quarry’s own Postgres', () => {
  test('is one for all processes that start at once, and is stopped by the last', async () => {
    const home = makeHome()
    const programs = [takeSeat(home), takeSeat(home), takeSeat(home)]
    for (const program of programs) await program.heard('joined')
    const pid = serverOf(home)
    expect(pid).not.toBeNull()
    await Promise.all(programs.slice(1).map((program) => program.finish()))
    expect(serverOf(home)).toBe(pid)
    expect(await programs[0]?.finish()).toBe(0)
    expect(serverOf(home)).toBeNull()
  })

  test('starts again within seconds when the data is there', async () => {
    const home = readyHome()
    const before = performance.now()
    const server = await joinServer(home)
    expect(performance.now() - before).toBeLessThan(5000)
    await server.close()
  })

  test('serves the others when one is killed, and is stopped by the last of them', async () => {
    const home = readyHome()
    const [killed, other] = [takeSeat(home), takeSeat(home)]
    await Promise.all([killed.heard('joined'), other.heard('joined')])
    await killed.kill()
    expect(serverOf(home)).not.toBeNull()
    expect(await other.finish()).toBe(0)
    expect(serverOf(home)).toBeNull()
  })

  test('is stopped by the next command when all were killed', async () => {
    const home = readyHome()
    const killed = takeSeat(home)
    await killed.heard('joined')
    await killed.kill()
    const pid = serverOf(home)
    const next = takeSeat(home)
    await next.heard('joined')
    expect(serverOf(home)).toBe(pid)
    expect(await next.finish()).toBe(0)
    expect(serverOf(home)).toBeNull()
  })

  test('comes back under those who use it when it is killed itself', async () => {
    const home = readyHome()
    const server = await joinServer(home, { durable: false })
    const first = serverOf(home)
    if (first !== null) process.kill(first, 'SIGKILL')
    await expect.poll(() => serverOf(home), { timeout: 15_000 }).not.toBe(first)
    await expect.poll(() => serverOf(home), { timeout: 15_000 }).not.toBeNull()
    await server.close()
    expect(serverOf(home)).toBeNull()
  })

  test('starts over a stale pid file whose pid is somebody else’s by now, and over half an initdb', async () => {
    const home = makeHome()
    mkdirSync(join(home, 'postgres/data.new/base'), { recursive: true })
    await (await joinServer(home, { durable: false })).close()
    writeFileSync(
      join(home, 'postgres/data/postmaster.pid'),
      `${process.pid}\n${home}/postgres/data\n0\n5432\n/nonexistent\n\n\n\n`,
    )
    const server = await joinServer(home, { durable: false })
    expect(serverOf(home)).not.toBe(process.pid)
    await server.close()
  })

  test('refuses a data folder of another major version, with the mend', async () => {
    const home = makeHome()
    mkdirSync(join(home, 'postgres/data'), { recursive: true })
    writeFileSync(join(home, 'postgres/data/PG_VERSION'), '11\n')
    const error = await joinServer(home).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({
      message: expect.stringContaining('Postgres 11'),
      mend: expect.stringContaining('pg_dump'),
    })
  })

  test('refuses a home that cannot be one', async () => {
    const home = makeHome()
    writeFileSync(join(home, 'file'), '')
    await expect(joinServer(join(home, 'file'))).rejects.toBeInstanceOf(UserError)
  })

  test.runIf(root)('runs for an ordinary user', async () => {
    const home = makeHome()
    chownSync(home, NOBODY, NOBODY)
    const argv = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--', ...node(SEAT, home)]
    const program = startProgram(argv, { env: { ...process.env, TMPDIR: home } })
    await program.heard('joined')
    const owner = execFileSync('ps', ['-o', 'uid=', '-p', String(serverOf(home))], { encoding: 'utf8' })
    expect(Number(owner)).toBe(NOBODY)
    expect(await program.finish()).toBe(0)
    expect(serverOf(home)).toBeNull()
  })

  test.runIf(root)('runs as another account for root where user namespaces are forbidden', async () => {
    const home = readyHome()
    chmodSync(home, 0o755)
    const forbidding = join(home, 'bin')
    mkdirSync(forbidding)
    writeFileSync(join(forbidding, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    const program = startProgram(node(SEAT, home), {
      env: { ...process.env, PATH: `${forbidding}:${process.env.PATH}` },
    })
    await program.heard('joined')
    expect(readFileSync(`/proc/${serverOf(home)}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\s+${NOBODY}\\s`, 'm'))
    expect(await program.finish()).toBe(0)
    expect(serverOf(home)).toBeNull()
  })
})
