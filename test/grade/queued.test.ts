import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { environments, gradeRequests, grades } from '../../src/db/schema.ts'
import { erasePull } from '../../src/erasure/erase.ts'
import { Fault, UserError } from '../../src/errors.ts'
import { askForGrades } from '../../src/grade/ask.ts'
import {
  type Claimed,
  claimGrade,
  finishGrade,
  mendGrades,
  PATIENCE_SECONDS,
  type Warmth,
} from '../../src/grade/claim.ts'
import { forgetGradeKeys } from '../../src/grade/keys.ts'
import { assertSystem, laneOf } from '../../src/grade/system.ts'
import { workOffGrade } from '../../src/grade/work.ts'
import { taskWithId } from '../../src/query/tasks.ts'
import type { JobContext } from '../../src/queue/types.ts'
import { addRepository, addTask } from '../filled-database.ts'
import { type GradeScene, judged, openGradeScene } from './scene.ts'

let scene: GradeScene
let repositoryId: number
let ada: number
let taskId: number
let made = 0

beforeAll(async () => {
  scene = await openGradeScene()
  repositoryId = await addRepository(scene.database.db)
  ada = await scene.token('ada')
})
afterAll(() => scene.close())
beforeEach(async () => {
  made += 1
  taskId = await addTask(scene.database.db, repositoryId, made)
  await scene.database.db.delete(gradeRequests)
  await scene.database.db.delete(grades)
  await scene.database.db.execute(sql`delete from pgboss.job`)
})

const cold: Warmth = { root: 'root', tasks: [], layers: [] }
const job = () => crypto.randomUUID()
const claim = (warmth = cold, by = job()) => claimGrade(scene.database.db, by, 'here', warmth)
const jobs = async () => (await scene.queue.counts()).get('grade')?.queued ?? 0
const context = (id: string, lastAttempt = false): JobContext => ({
  ...{ id, attempt: 1, lastAttempt, signal: new AbortController().signal },
})

describe('a patch', () => {
  test('is graded once however many ask for it on a task, at once or later', async () => {
    const bob = await scene.token(`bob ${made}`)
    const order = await scene.order(taskId, 'fix')
    const asked = await Promise.all([ada, bob, ada, bob].map((token) => scene.ask(token, [order, order])))
    expect(await scene.database.db.$count(grades)).toBe(1)
    expect(await jobs()).toBe(1)
    expect(new Set(asked.flat()).size).toBe(8)
    const claimed = await claim()
    await finishGrade(scene.database.db, claimed ?? expect.fail(), {
      ...judged('resolved'),
      reward: 1,
      log: null,
      seconds: 1,
    })
    const [later] = await scene.found(await scene.ask(bob, [order]))
    expect(later?.grade).toMatchObject({ state: 'done', verdict: 'resolved', reward: 1 })
    expect(await scene.database.db.$count(grades)).toBe(1)
  })

  test('of another task, or another text, is another grade', async () => {
    const other = await addTask(scene.database.db, repositoryId, 1000 + made)
    const orders = [await scene.order(taskId, 'a'), await scene.order(taskId, 'b'), await scene.order(other, 'a')]
    await scene.ask(ada, orders)
    expect(await scene.database.db.$count(grades)).toBe(3)
  })

  test('whose grade was a fault is graded anew when it is asked for again', async () => {
    const order = await scene.order(taskId, 'unlucky')
    const [first] = await scene.ask(ada, [order])
    await finishGrade(scene.database.db, (await claim()) ?? expect.fail(), {
      ...{ ...judged('fault'), reward: null, log: null, seconds: 1 },
    })
    const [second] = await scene.ask(ada, [order])
    expect((await scene.found([first ?? '', second ?? ''])).map(({ grade }) => grade.state).sort()).toEqual([
      'done',
      'queued',
    ])
  })

  test('of two batches in other orders, asked for at once, is in both', async () => {
    const orders = await Promise.all(Array.from({ length: 40 }, (_, at) => scene.order(taskId, `patch ${at}`)))
    const asked = await Promise.all(
      Array.from({ length: 6 }, (_, at) => scene.ask(ada, at % 2 === 0 ? orders : orders.toReversed())),
    )
    expect(asked.map(({ length }) => length)).toEqual([40, 40, 40, 40, 40, 40])
    expect(await scene.database.db.$count(grades)).toBe(40)
    expect(await jobs()).toBe(40)
  })
})

describe('a request with a key', () => {
  const askWith = async (key: string, ...patches: string[]) =>
    askForGrades(
      ...([scene.database.db, scene.addJobs, { tokenId: ada, realm: '*' }, key] as const),
      await Promise.all(patches.map((patch) => scene.order(taskId, patch))),
    )

  test('gives the same grades when it is sent again, even at once', async () => {
    const asked = await Promise.all([askWith('k1', 'a', 'b'), askWith('k1', 'a', 'b'), askWith('k1', 'a', 'b')])
    expect(asked[1]).toEqual(asked[0])
    expect(asked[2]).toEqual(asked[0])
    expect(await scene.database.db.$count(gradeRequests)).toBe(2)
  })

  test('is refused where the same token sent something else with it', async () => {
    await askWith('k2', 'a')
    expect(await askWith('k2', 'b')).toEqual({ refused: 'other-body' })
    expect(await askWith('k2', 'a', 'a')).toEqual({ refused: 'other-body' })
  })

  test('is known for thirty days; what it asked for stays', async () => {
    const [first] = await Promise.all([askWith('k3', 'a', 'b'), askWith('k4', 'a')])
    const old = new Date(Date.now() - 31 * 24 * 3600 * 1000)
    await scene.database.db.update(gradeRequests).set({ createdAt: old }).where(eq(gradeRequests.idempotencyKey, 'k3'))
    expect(await forgetGradeKeys(scene.database.db)).toBe(2)
    expect(await forgetGradeKeys(scene.database.db)).toBe(0)
    expect(await askWith('k4', 'b')).toEqual({ refused: 'other-body' })
    const again = await askWith('k3', 'c')
    expect('requests' in again).toBe(true)
    expect(await scene.found('requests' in first ? first.requests : [])).toHaveLength(2)
  })
})

describe('a worker', () => {
  const askAt = async (secondsAgo: number, task: number, patch: string) => {
    const [request = ''] = await scene.ask(ada, [await scene.order(task, patch)])
    const [found] = await scene.found([request])
    await scene.database.db
      .update(grades)
      .set({ queuedAt: new Date(Date.now() - secondsAgo * 1000) })
      .where(eq(grades.id, found?.grade.id ?? ''))
  }
  const taken = async (warmth: Warmth) => (await claim(warmth))?.patch.toString()

  test('takes the oldest first', async () => {
    await askAt(10, taskId, 'younger')
    await askAt(20, taskId, 'older')
    expect([await taken(cold), await taken(cold), await taken(cold)]).toEqual(['older', 'younger', undefined])
  })

  test('takes what it is warm for first: its own task, then one whose layer is unpacked', async () => {
    const [warm, near] = [
      await addTask(scene.database.db, repositoryId, 2000 + made),
      await addTask(scene.database.db, repositoryId, 3000 + made),
    ]
    const layer = (await scene.order(near, '')).task
    await askAt(20, taskId, 'cold')
    await askAt(11, near, 'near')
    await askAt(10, warm, 'warm')
    const warmth = { root: 'root', tasks: [warm], layers: [`sha256:acme__shop-${3000 + made}@1`] }
    expect(layer.contentHash).toContain(String(3000 + made))
    expect([await taken(warmth), await taken(warmth), await taken(warmth)]).toEqual(['warm', 'near', 'cold'])
  })

  test('lets no grade wait for those that came more than a minute after it, however warm they are', async () => {
    const warm = await addTask(scene.database.db, repositoryId, 4000 + made)
    await askAt(PATIENCE_SECONDS + 20, taskId, 'cold')
    await askAt(30, warm, 'warm and earlier')
    await askAt(10, warm, 'warm and later')
    const warmth = { root: 'root', tasks: [warm], layers: [] }
    expect([await taken(warmth), await taken(warmth), await taken(warmth)]).toEqual([
      ...['warm and earlier', 'cold', 'warm and later'],
    ])
  })

  test('leaves the grades of other systems to the workers of those, and takes none of their jobs', async () => {
    const other = await addTask(scene.database.db, repositoryId, 5000 + made)
    const root = `other ${made}`
    await scene.database.db
      .update(environments)
      .set({ root })
      .where(eq(environments.key, `acme__shop-${5000 + made}@1`))
    await askAt(20, other, 'elsewhere')
    await askAt(10, taskId, 'here')
    expect([await taken(cold), await taken(cold)]).toEqual(['here', undefined])
    expect(await taken({ ...cold, root })).toBe('elsewhere')
    const { rows } = await scene.database.db.execute('select priority from pgboss.job order by priority')
    expect(rows.map(({ priority }) => priority)).toEqual([laneOf('root'), laneOf(root)].sort((a, b) => a - b))
    // Jobs that were lost come back on the lanes of their grades.
    await scene.database.db.execute('delete from pgboss.job')
    expect(await mendGrades(scene.database.db, scene.addJobs)).toBe(2)
    expect((await scene.database.db.execute('select priority from pgboss.job order by priority')).rows).toEqual(rows)
    expect(await mendGrades(scene.database.db, scene.addJobs)).toBe(0)
  })

  test('is given anew what a job has in hand that nobody takes: jobs that were queued before there were lanes are on none', async () => {
    const { db } = scene.database
    await scene.ask(ada, [await scene.order(taskId, 'fix'), await scene.order(taskId, 'other')])
    const { rows } = await db.execute<{ id: string }>('select id from pgboss.job')
    // One worker of then had a grade in hand when it was stopped; the other job was never taken.
    const before = (await claimGrade(db, rows[0]?.id ?? '', 'here', cold)) ?? expect.fail()
    await db.execute('update pgboss.job set priority = 0')
    expect(await mendGrades(db, scene.addJobs)).toBe(2)
    const { rows: now } = await db.execute('select priority from pgboss.job')
    expect(now).toEqual([{ priority: laneOf('root') }, { priority: laneOf('root') }])
    expect([(await claim())?.id, (await claim())?.id]).toContain(before.id)
    expect(await mendGrades(db, scene.addJobs)).toBe(0)
  })

  test('shares the grades with others, each one its own', async () => {
    const orders = await Promise.all(Array.from({ length: 30 }, (_, at) => scene.order(taskId, `patch ${at}`)))
    await scene.ask(ada, orders)
    const claimed = await Promise.all(Array.from({ length: 30 }, () => claim()))
    expect(new Set(claimed.map((each) => each?.id)).size).toBe(30)
    expect(await claim()).toBeNull()
  })

  test('goes on with what its job had in hand when another worker was killed; what that one still says is not heard', async () => {
    await scene.ask(ada, await Promise.all(['a', 'b'].map((patch) => scene.order(taskId, patch))))
    const by = job()
    const first = (await claim(cold, by)) ?? expect.fail()
    const second = (await claim(cold, by)) ?? expect.fail()
    expect(second).toMatchObject({ id: first.id, attempt: 2 })
    const outcome = { ...judged('unresolved'), reward: 0, log: null, seconds: 1 }
    expect(await finishGrade(scene.database.db, first, outcome)).toBe(false)
    expect(await finishGrade(scene.database.db, second, outcome)).toBe(true)
    expect(await finishGrade(scene.database.db, second, outcome)).toBe(false)
  })
})

test('a task of another system is refused where it is graded, in words, with the mend', async () => {
  const { environment } = (await taskWithId(scene.database.db, taskId)) ?? expect.fail()
  const task = { name: 'acme__shop-1', environment }
  expect(() => assertSystem('root', task)).not.toThrow()
  const refusal = new UserError(
    'the environment of acme__shop-1 was made on root, and this machine is debian-13-x64-0',
    {
      mend: 'run it on a machine of that system, or mine the repository again on this one',
    },
  )
  expect(() => assertSystem('debian-13-x64-0', task)).toThrow(refusal)
})

describe('a fault', () => {
  test('is tried again by the queue, and in the end it is the verdict, without a reward', async () => {
    const [request = ''] = await scene.ask(ada, [await scene.order(taskId, 'fix')])
    const by = job()
    const broken = scene.bench(async () => {
      throw new Fault('disk', 'no room')
    })
    await expect(workOffGrade(broken, context(by))).rejects.toThrow('no room')
    expect(await scene.found([request])).toMatchObject([{ grade: { state: 'queued', verdict: null } }])
    // Nobody but its own job takes it, which comes later.
    expect(await claim()).toBeNull()
    await workOffGrade(broken, context(by, true))
    expect(await scene.found([request])).toMatchObject([
      { grade: { state: 'done', verdict: 'fault', reward: null, result: { detail: 'disk: no room' }, attempts: 2 } },
    ])
  })

  test('that the control run found is tried again as well', async () => {
    const [request = ''] = await scene.ask(ada, [await scene.order(taskId, 'fix')])
    const verdicts = [judged('fault'), judged('resolved')]
    const bench = scene.bench(async () => verdicts.shift() ?? expect.fail())
    const by = job()
    await expect(workOffGrade(bench, context(by))).rejects.toThrow(Fault)
    await workOffGrade(bench, context(by))
    expect(await scene.found([request])).toMatchObject([{ grade: { state: 'done', verdict: 'resolved', reward: 1 } }])
  })

  test('lets go of what was kept ready', async () => {
    await scene.ask(ada, [await scene.order(taskId, 'fix')])
    const cooled: number[] = []
    const failing = {
      judge: () => Promise.reject(new Fault('git', 'torn')),
      cool: async (id: number) => void cooled.push(id),
    }
    await expect(workOffGrade(scene.bench(failing.judge, failing), context(job()))).rejects.toThrow('torn')
    expect(cooled).toEqual([taskId])
  })
})

describe('an erasure', () => {
  const erased = {
    grade: {
      state: 'done',
      verdict: 'fault',
      reward: null,
      result: { detail: 'the task was erased before it was graded' },
    },
  }

  test('ends the grades that wait, and whoever is at one ends nothing', async () => {
    const requests = await scene.ask(ada, await Promise.all(['a', 'b'].map((patch) => scene.order(taskId, patch))))
    const claimed: Claimed = (await claim()) ?? expect.fail()
    await erasePull(scene.database.db, repositoryId, made, 'forgotten')
    expect(await scene.found(requests)).toMatchObject([erased, erased])
    const outcome = { ...judged('resolved'), reward: 1, log: null, seconds: 1 }
    expect(await finishGrade(scene.database.db, claimed, outcome)).toBe(false)
    expect(await claim()).toBeNull()
    // Sweeping once more changes nothing.
    await erasePull(scene.database.db, repositoryId, made, 'forgotten')
    expect(await scene.found(requests)).toMatchObject([erased, erased])
    expect(
      (await scene.database.db.select({ patch: grades.patch }).from(grades)).every(({ patch }) => patch.length === 0),
    ).toBe(true)
  })

  test('that comes while somebody asks leaves no grade behind', async () => {
    const order = await scene.order(taskId, 'late')
    const asked = Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        askForGrades(scene.database.db, scene.addJobs, { tokenId: ada, realm: '*' }, null, [
          { ...order, patch: Buffer.from(`${at}`) },
        ]),
      ),
    )
    await erasePull(scene.database.db, repositoryId, made, 'forgotten')
    await asked
    expect(await scene.database.db.$count(grades, sql`state <> 'done' or length(patch) > 0`)).toBe(0)
    expect(await askForGrades(scene.database.db, scene.addJobs, { tokenId: ada, realm: '*' }, null, [order])).toEqual({
      refused: 'erased',
    })
  })
})

describe('mending', () => {
  test('gives a grade whose job is no more to another job', async () => {
    const [request = ''] = await scene.ask(ada, [await scene.order(taskId, 'fix')])
    await claim()
    await scene.database.db.execute(
      sql`update pgboss.job set state = 'failed', completed_on = now() where name = 'grade'`,
    )
    expect(await mendGrades(scene.database.db, scene.addJobs)).toBe(1)
    expect(await mendGrades(scene.database.db, scene.addJobs)).toBe(0)
    expect(await jobs()).toBe(1)
    await workOffGrade(
      scene.bench(async () => judged('resolved')),
      context(job()),
    )
    expect(await scene.found([request])).toMatchObject([{ grade: { state: 'done', verdict: 'resolved' } }])
  })
})
