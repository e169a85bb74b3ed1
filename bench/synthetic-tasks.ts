import pg from 'pg'

export interface Sizes {
  readonly tasks: number
  /** Characters of a statement, on average. */
  readonly statement: number
}

const languages = ['typescript', 'javascript', 'python', 'go', 'java', 'rust', 'ruby', 'php', 'kotlin', 'scala']
const frameworks = ['vitest', 'jest', 'mocha', 'node-test', 'ava', 'pytest', 'unittest', 'go-test', 'junit', 'cargo']
const licences = ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'GPL-3.0-only', 'MPL-2.0', 'MIT OR Apache-2.0', null]
const flags = [
  'missing-before',
  'statement-from-commit',
  'diff-unverified',
  'dependencies-trimmed',
  'statement-after-pull',
]

/**
 * Fills an empty database with tasks as mining leaves them, in one transaction: repositories by Zipf's law, each with a language of its
 * own; sizes of fixes log-normal, files with lines; half of the merges old (a backfill), half new; statements out of a vocabulary by
 * Zipf's law; one task in sixteen ended; three in ten tried. Not what triggers make: they are written as triggers would have.
 */
export async function loadTasks(settings: pg.ClientConfig, { tasks, statement }: Sizes): Promise<void> {
  const client = new pg.Client(settings)
  await client.connect()
  try {
    for (const statements of [
      "set session_replication_role = replica; set maintenance_work_mem = '1GB'; set work_mem = '256MB'; set synchronous_commit = off",
      'begin',
      'truncate tasks, listings, task_kinds, repository_kinds, publications, solve_rates, repositories cascade',
      'select setseed(0.42)',
      vocabulary(statement),
      kinds,
      repositoriesOf(Math.max(50, Math.round(tasks / 250))),
      drawn(tasks),
      withoutIndexes('publications', 'solve_rates', 'listings', 'tasks'),
      written(tasks),
      'do $$ declare made text; begin for made in select sql from left_out loop execute made; end loop; end $$',
      'commit',
      'vacuum analyze tasks;\nvacuum analyze listings;\nvacuum analyze solve_rates;\nvacuum analyze publications;\nvacuum analyze task_kinds;\nvacuum analyze repository_kinds',
    ]) {
      for (const one of statements.split(/;\s*$/m)) if (one.trim() !== '') await client.query(one)
    }
  } finally {
    await client.end()
  }
}

const quoted = (names: readonly (string | null)[]) =>
  `array[${names.map((name) => (name === null ? 'null' : `'${name}'`)).join(', ')}]`

/** 4000 statements to draw from: what they say costs more to make than to store. */
const vocabulary = (length: number) => `
  create temp table texts on commit drop as
    select number as place, jsonb_build_object('title', initcap(split_part(said, ' ', 3)) || ' of ' || split_part(said, ' ', 5), 'issue', said, 'hints', '') as statement
    from (select number, (select string_agg('w' || to_char(floor(8000 * power(random(), 3))::int, 'FM0000') || case when random() < 0.02 then E'.\\n' else '' end, ' ')
        from generate_series(1, greatest(8, (${length} / 6 * exp(random_normal(0, 0.5)))::int + number * 0))) as said
      from generate_series(1, 4000) number) made;
  alter table texts add words tsvector, add signature bit(512);
  update texts set words = quarry_words(statement);
  update texts set signature = quarry_signature(tsvector_to_array(words));
  analyze texts;`

/** Combinations of facets, the languages' and frameworks' own kept together. */
const kinds = `
  insert into task_kinds (language, ecosystem, miner, licence, frameworks, flags)
    select language, case when place < 3 then 'node' else language end, case when random() < 0.8 then 'linked-pull' else 'at-head' end,
      (${quoted(licences)})[1 + floor(8 * power(random(), 2))::int],
      case when random() < 0.85 then array[first] else (select array_agg(name order by name) from unnest(array[first, second]) name) end,
      (select coalesce(array_agg(flag order by flag), '{}') from unnest(${quoted(flags)}) with ordinality given (flag, rank) where random() < 0.25 / rank + gen.number * 0)
    from generate_series(1, 6000) gen (number), lateral (select floor(10 * power(random(), 1.7) + gen.number * 0)::int as place) chosen,
      lateral (select (${quoted(languages)})[1 + place] as language, (${quoted(frameworks)})[1 + (place / 2 * 2 + floor(4 * random() + gen.number * 0)::int) % 10] as first,
        (${quoted(frameworks)})[1 + (place + 4) % 10] as second) named
    on conflict do nothing;
  create temp table spoken on commit drop as
    select language, array_agg(id order by random()) as ids, row_number() over (order by count(*) desc) - 1 as rank from task_kinds group by language;`

const repositoriesOf = (count: number) => `
  insert into repositories (forge, forge_id, name, origin)
    select 'github.com', number::text, 'owner-' || floor(${Math.max(20, count / 6)} * power(random(), 1.5))::int || '/project-' || number, '' from generate_series(1, ${count}) number;
  create temp table homes on commit drop as
    select (row_number() over (order by random())) - 1 as rank, id, name, floor(10 * power(random(), 1.5))::int as spoken from repositories;
  analyze homes;`

/** One row a task, with all that is drawn by lot. */
const drawn = (tasks: number) => `
  create temp table drawn on commit drop as
    select number, h.id as repository_id, h.name as repository, ids[1 + floor(cardinality(ids) * power(random(), 3))::int] as kind_id,
      lines, greatest(1, round(exp(0.35 * ln(lines) - 0.3 + random_normal(0, 0.5))))::int as files,
      1 + floor(exp(random_normal(0.3, 1.1)))::int as fail_to_pass, floor(exp(random_normal(4.5, 1.5)))::int as pass_to_pass, published_at, merged_at,
      merged_at - interval '1 day' * (10 * -ln(1 - random()) * case when random() < 0.1 then 20 else 1 end) as earliest_at,
      1 + floor(4000 * random())::int as text, case when random() < 0.06 then ${tasks} + number end as ended,
      case when random() < 0.3 then 1 + floor(-ln(1 - random()) * 20)::int else 0 end as attempts,
      case when random() < 0.3 then 0 else power(random(), 0.8) end as skill, random() as dice
    from (select number, floor(exp(random_normal(2.9, 1.4)) + 1)::int as lines, floor(power(random(), 3) * (select count(*) from homes))::int as home,
        timestamptz '2025-01-01Z' + interval '1 second' * (number::float8 / ${tasks} * 58000000) as published_at,
        case when random() < 0.5 then timestamptz '2018-01-01Z' + interval '1 second' * floor(random() * 220000000)
          else timestamptz '2025-01-01Z' + interval '1 second' * floor(number::float8 / ${tasks} * 58000000 - 86400 * random()) end as merged_at
      from generate_series(1, ${tasks}) number) base join homes h on h.rank = home join spoken s on s.rank = h.spoken;
  analyze drawn;`

/** Made again at the end, with all rows at once. */
function withoutIndexes(...tables: readonly string[]): string {
  return `
  create temp table left_out on commit drop as
    select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as sql, format('alter table %s drop constraint %I cascade', conrelid::regclass, conname) as gone
      from pg_constraint where contype in ('p', 'u') and conrelid::regclass::text = any (array['listings', 'solve_rates'])
    union all select indexdef, format('drop index %I', indexname) from pg_indexes
      where schemaname = 'public' and tablename = any (array[${tables.map((name) => `'${name}'`).join(', ')}])
        and indexname not in (select conname from pg_constraint);
  do $$ declare gone text; begin for gone in select left_out.gone from left_out loop execute gone; end loop; end $$;`
}

const written = (tasks: number) => `
  insert into tasks (id, repository_id, name, revision, content_hash, repository, pull, miner, ecosystem, language, frameworks, licence, statement,
      fail_to_pass, before_statuses, pass_to_pass, fail_to_pass_count, pass_to_pass_count, flaky, flags, files_changed, lines_changed, after_seconds, cores,
      visibility, state, merged_at, earliest_at, published_at, sequence, ended_sequence, ended_reason, ended_at)
    select number, repository_id, replace(repository, '/', '__') || '-' || number, 1, 'sha256:' || md5(number::text) || md5((-number)::text), repository, number,
      miner, ecosystem, language, to_jsonb(frameworks), licence, statement, '["test/a.test.js > mends it"]', '{}', '', d.fail_to_pass, pass_to_pass, '[]', to_jsonb(flags),
      files, lines, 1, 1, 'public', case when ended is null then 'live' else 'quarantined' end, merged_at, earliest_at, published_at, number, ended,
      case when ended is not null then 'flaky' end, case when ended is not null then timestamptz '2026-11-05Z' end
    from drawn d join task_kinds k on k.id = d.kind_id join texts t on t.place = d.text order by d.number;
  insert into listings (task_id, from_sequence, until_sequence, sequence, kind_id, fail_to_pass, files, lines, difficulty, merged_at, earliest_at,
      attempts, solve_rate, signal, owner, repository, language, words, signature)
    select d.number, d.number, ended, d.number, kind_id, d.fail_to_pass, files, lines,
      least(5, 1 + (lines >= 10)::int + (lines >= 30)::int + (lines >= 100)::int + (lines >= 300)::int + (files >= 4)::int + (files >= 10)::int),
      merged_at, earliest_at, attempts, case when attempts > 0 then round(skill * attempts) / attempts end, case when attempts >= 8 and skill < 0.01 then 'never-solved' end,
      split_part(repository, '/', 1), repository, k.language, words, signature
    from drawn d join task_kinds k on k.id = d.kind_id join texts t on t.place = d.text order by d.number;
  insert into repository_kinds (repository, kind_id) select distinct repository, kind_id from drawn;
  insert into publications (sequence, task_id, event, at) select number, number, 'published', published_at from drawn;
  insert into publications (sequence, task_id, event, detail, at) select ended, number, 'quarantined', 'flaky', timestamptz '2026-11-05Z' from drawn where ended is not null;
  insert into solve_rates (task_id, model, attempts, solved, signal, owner)
    select number, model, attempts, round(skill * attempts), case when model = '' and attempts >= 8 and skill < 0.01 then 'never-solved' end, split_part(repository, '/', 1)
    from drawn, unnest(array['', 'model-small', 'model-large']) with ordinality as m (model, rank) where attempts > 0 and dice < 1.1 / rank;
  update task_kinds k set listings = counted.count from (select kind_id, count(*) from drawn group by kind_id) counted where counted.kind_id = k.id;
  insert into publication_counter (one, last) values (true, ${tasks} * 2) on conflict (one) do update set last = excluded.last;
  select setval('tasks_id_seq', ${tasks});`
