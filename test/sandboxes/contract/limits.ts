import { expect, test } from 'vitest'
import { bash, type Ground, limits, lines, runningWith } from './ground.ts'

const mib = 1024 * 1024

/** What a run may use, and how it ends when it wants more. */
export function limitContract(ground: Ground): void {
  test('ends a command at its time, though it ignores being asked', async () => {
    const marked = `876${process.pid}`
    const script = `trap '' TERM INT HUP; sleep ${marked} & while true; do sleep ${marked}; done`
    const result = await bash(ground, script, { limits: { ...limits, seconds: 0.5 } })
    expect(result).toMatchObject({ ended: 'timed-out', exitCode: null, signal: 'SIGKILL' })
    expect(result.seconds).toBeGreaterThanOrEqual(0.5)
    expect(runningWith(marked)).toBe(false)
  })

  test('keeps the start of endless output and reads the rest away', async () => {
    const endless = await bash(ground, 'echo first; yes', { limits: { ...limits, seconds: 0.5, outputMiB: 1 } })
    expect(endless).toMatchObject({ ended: 'timed-out', outputCut: true })
    expect(endless.stdout.length).toBe(mib)
    expect(endless.stdout.subarray(0, 5).toString()).toBe('first')
    const long = await bash(ground, 'head -c 3000000 /dev/zero; echo done >&2')
    expect(long).toMatchObject({ ended: 'exited', exitCode: 0, outputCut: true })
    expect([long.stdout.length, long.stderr.toString()]).toEqual([mib, 'done\n'])
  })

  test('does not say that output was cut where it just fits', async () => {
    const result = await bash(ground, `head -c ${mib} /dev/zero`)
    expect([result.stdout.length, result.outputCut]).toEqual([mib, false])
  })

  test('ends what takes too much memory, however many processes share it', async () => {
    const tight = { limits: { ...limits, memoryMiB: 128 } }
    const alone = await bash(ground, 'tail /dev/zero; echo went on; sleep 60', tight)
    expect(alone).toMatchObject({ ended: 'out-of-memory', exitCode: null })
    const together = await bash(
      ground,
      'for i in 1 2 3 4; do (head -c 50M /dev/zero | tail; sleep 60) & done; wait',
      tight,
    )
    expect(together.ended).toBe('out-of-memory')
  })

  test('does not take address space or cached files for memory', async () => {
    const script = `head -c 200M /dev/zero >big; cat big >/dev/null; (ulimit -v) && echo fine`
    const result = await bash(ground, script, { limits: { ...limits, memoryMiB: 128 } })
    expect(result).toMatchObject({ ended: 'exited', exitCode: 0 })
    expect(lines(result.stdout)).toEqual(['unlimited', 'fine'])
  })

  test('says how much memory was used at most', async () => {
    const { peakMiB } = await bash(ground, 'head -c 60M /dev/zero | tail | sleep 0.4')
    if (peakMiB !== null) expect(peakMiB).toBeGreaterThan(1)
  })

  test('gives /dev/shm little room', async () => {
    const { stdout } = await bash(ground, 'head -c 100M /dev/zero >/dev/shm/x; stat -c %s /dev/shm/x')
    expect(Number(stdout)).toBeLessThanOrEqual(64 * mib)
  })

  test.each(['/testbed', '/tmp', '/home/quarry'])('ends what fills the disk in %s', async (place) => {
    const script = `for i in 1 2 3 4 5 6 7 8; do head -c 20M /dev/zero >${place}/$i; done; sleep 60`
    const result = await bash(ground, script, { limits: { ...limits, diskMiB: 64 } })
    expect(result).toMatchObject({ ended: 'disk-full', exitCode: null })
  })

  test('ends what fills the disk with files that it deleted while open', async () => {
    const script = `exec 5>/tmp/x; rm /tmp/x; head -c 120M /dev/zero >&5; sleep 60`
    expect(await bash(ground, script, { limits: { ...limits, diskMiB: 64 } })).toMatchObject({ ended: 'disk-full' })
  })

  test('tells a full disk even where the command did not wait for it', async () => {
    const result = await bash(ground, 'head -c 120M /dev/zero >x', { limits: { ...limits, diskMiB: 64 } })
    expect(result).toMatchObject({ ended: 'disk-full' })
  })

  test('lets no file grow past its limit', async () => {
    const script = 'head -c 20M /dev/zero >x; echo $?; stat -c %s x'
    const { stdout, ended } = await bash(ground, script, { limits: { ...limits, fileMiB: 8 } })
    expect(ended).toBe('exited')
    expect(lines(stdout)).toEqual([expect.not.stringMatching(/^0$/), String(8 * mib)])
  })

  test('outlives a fork bomb', async () => {
    const marked = `765${process.pid}`
    const counted = `for ((i = 0; i < 60; i++)); do sleep ${marked} & done 2>/dev/null; echo never`
    const few = await bash(ground, counted, { limits: { ...limits, processes: 20, seconds: 2 } })
    expect(few.stdout.toString()).toBe('')
    const bomb = await bash(ground, 'b() { b | b & }; b; sleep 60', {
      limits: { ...limits, processes: 50, seconds: 1 },
    })
    expect(['timed-out', 'exited']).toContain(bomb.ended)
    expect(runningWith(marked)).toBe(false)
  })

  test('keeps to the cores it is given', async () => {
    expect((await bash(ground, 'nproc', { limits: { ...limits, cores: [0] } })).stdout.toString()).toBe('1\n')
  })
}
