import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken } from '../../src/access/index.ts'
import { asCaller } from '../../src/db/as-caller.ts'
import { openClient } from '../../src/db/client.ts'
import { solveRates } from '../../src/db/schema.ts'
import { findPage } from '../../src/query/find.ts'
import { readQuery } from '../../src/query/refused.ts'
import { addRepository, addTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  database = await testDatabase()
  const { db } = database
  for (const name of ['Acme/shop', 'secret/plans']) {
    const repository = await addRepository(db, name)
    const statement = { title: `Of ${name}`, issue: 'The zeppelin leaks', hints: '' }
    const task = await addTask(db, repository, 1, { statement })
    await db.insert(solveRates).values({ taskId: task, model: '', attempts: 2, solved: 1 })
  }
  await createToken(db, { name: 'one', scopes: ['tasks:read'], owners: ['acme'], expiresAt: null })
})
afterAll(() => database?.close())

/** Asks Postgres directly, as the role that reads for a caller: the query's own predicate, the first wall, is not there. */
const asked = (statement: string, owners: readonly string[] | null = ['acme']) =>
  asCaller(database.db, { owners }, async (tx) => (await tx.execute(sql.raw(statement))).rows)

const refusal = (statement: string, owners: readonly string[] | null = ['acme']) =>
  asked(statement, owners).then(
    () => 'it was answered',
    (error: Error) => String(error.cause),
  )

describe('a caller who goes around the query sees its own', () => {
  const tables: Readonly<Record<string, string>> = {
    tasks: 'select repository as seen from tasks',
    listings: 'select repository as seen from listings',
    'solve rates': 'select owner as seen from solve_rates',
    snapshots: 'select id::text as seen from snapshots',
    attempts: 'select id::text as seen from attempts',
    environments: 'select id::text as seen from environments',
    publications: 'select task_id::text as seen from publications',
    repositories: 'select name as seen from repositories',
    pulls: 'select id::text as seen from pulls',
    candidates: 'select id::text as seen from candidates',
    'a join': 'select s.base_commit as seen from snapshots s join tasks t on t.snapshot_id = s.id',
    'words, by the function that row-level security does not hold':
      "select repository as seen from quarry_listings_with_words('zeppelin', null)",
    'words of others, asked for by name':
      'select repository as seen from quarry_listings_with_words(\'zeppelin\', \'{"owners": ["acme", "secret"]}\')',
  }
  test.each(Object.entries(tables))('%s', async (_, statement) => {
    expect(await asked(statement)).toHaveLength(1)
    expect(JSON.stringify(await asked(statement))).not.toMatch(/secret/)
    expect(await asked(statement, null)).toHaveLength(2)
    expect(await asked(statement, [])).toEqual([])
    expect(await asked(statement, ['', '%', 'ACME', '{acme}', 'acme,secret'.slice(0, 3)])).toEqual([])
  })

  test('and through the query with the first wall left out, too', async () => {
    const found = await asCaller(database.db, { owners: ['acme'] }, (tx) =>
      findPage(tx, { owners: null }, readQuery({ text: 'zeppelin' })),
    )
    expect(found.tasks.map(({ repository }) => repository)).toEqual(['Acme/shop'])
    const own = await asCaller(database.db, { owners: null }, (tx) =>
      findPage(tx, { owners: ['acme'] }, readQuery({ text: 'zeppelin' })),
    )
    expect(own.tasks.map(({ repository }) => repository)).toEqual(['Acme/shop'])
  })
})

describe('an operator that tells what it looks at is not shown the rows of others', () => {
  test.each([
    "select 1 / (pull - pull) from tasks where owner = 'secret'",
    "select cast(title as int) from tasks where owner = 'secret'",
    "select id from tasks where owner = 'secret' and cast(title as int) = 1",
    "select id from listings where 1 / (case when owner = 'secret' then 0 else 1 end) > 0",
    "select id from tasks t where exists (select from listings l where l.task_id = t.id and cast(l.repository || t.title as date) is null and l.owner = 'secret')",
  ])('%s', async (statement) => {
    // With the row in sight each of these fails, and quotes it.
    expect(await refusal(statement.replace('id from listings', 'task_id from listings'))).toBe('it was answered')
    expect(await refusal(statement.replace('id from listings', 'task_id from listings'), null)).not.toBe(
      'it was answered',
    )
  })

  test('nor one that is told what it sees by a function of its own', async () => {
    expect(
      await refusal(
        "create function pg_temp.tell(text) returns boolean cost 0.0001 language plpgsql as $$ begin raise notice '%', $1; return true; end $$",
      ),
    ).toMatch(/read-only transaction|permission denied/)
  })
})

describe('what is no business of a caller is out of reach', () => {
  test.each([
    'tokens',
    'servings',
    'grades',
    'outcomes',
    'flaky_tests',
    'issues',
    'pull_issues',
    'installations',
    'deliveries',
    'erasures',
    'machines',
    'workers',
    'leases',
    'quarry_migrations',
    'pg_authid',
    'pg_statistic',
  ])('%s', async (table) => {
    expect(await refusal(`select * from ${table}`, null)).toMatch(/permission denied/)
  })

  test.each([
    "update tasks set title = ''",
    'delete from listings',
    "insert into solve_rates (task_id, model, attempts, solved) values (1, 'x', 1, 1)",
    'truncate tasks',
    'create table mine (id int)',
    'alter table tasks disable row level security',
    'drop policy reader on tasks',
    "copy tasks to '/tmp/tasks'",
    'alter role quarry_reader bypassrls',
    "select nextval('tasks_id_seq')",
    'lock table tasks in exclusive mode',
    'select quarry_add_listing(t, 1, null) from tasks t',
  ])('%s', async (statement) => {
    expect(await refusal(statement, null)).toMatch(
      /permission denied|must be owner|read-only transaction|can only be updated|cannot execute/,
    )
  })

  test('estimates tell nothing of rows that are not seen', async () => {
    await database.db.execute(sql`analyze tasks`)
    expect(await asked("select * from pg_stats where tablename = 'tasks'", null)).toEqual([])
  })

  test('nor does a row-security switch', async () => {
    expect(await refusal('set local row_security = off; select * from tasks')).toMatch(/row-level security/)
  })
})

test("every table that the role may read is under row-level security, but for the kinds, which are nobody's", async () => {
  const { rows } = await database.db.execute(sql`
    select relname, relrowsecurity from pg_class
    where relkind in ('r', 'p', 'v', 'm') and relnamespace = 'public'::regnamespace and has_table_privilege('quarry_reader', oid, 'select')`)
  expect(rows.filter(({ relrowsecurity }) => relrowsecurity === false)).toMatchObject([{ relname: 'task_kinds' }])
  expect(rows.length).toBeGreaterThan(9)
  const owned = await database.db.execute(sql`select from pg_class where relowner = 'quarry_reader'::regrole`)
  expect(owned.rowCount).toBe(0)
})

test('the role and the owners end with the transaction', async () => {
  const client = await openClient({ connectionString: database.url })
  try {
    await client.query(
      "begin; select set_config('role', 'quarry_reader', true), set_config('quarry.owners', 'acme', true); commit",
    )
    const { rows } = await client.query("select current_user as who, current_setting('quarry.owners', true) as owners")
    expect(rows).toEqual([{ who: 'quarry', owners: '' }])
    await client.query('begin; set local role quarry_reader')
    expect((await client.query('select from tasks')).rowCount).toBe(0)
    await client.query('rollback')
  } finally {
    await client.end()
  }
})

test('who may see what is asked once for a query, not once for a row', async () => {
  const plan = JSON.stringify(await asked('explain select task_id from listings where sequence > 0'))
  expect(plan).toMatch(/InitPlan/)
  expect(plan).not.toMatch(/SubPlan/)
})
