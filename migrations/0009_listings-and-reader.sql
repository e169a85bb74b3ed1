-- What a query walks is narrow: `words` stay out of line, and are not compressed, since a search reads some of them again.
ALTER TABLE listings SET (toast_tuple_target = 128, fillfactor = 90);
--> statement-breakpoint
ALTER TABLE listings ALTER COLUMN words SET STORAGE EXTERNAL;
--> statement-breakpoint
ALTER TABLE listings ALTER COLUMN wide SET STORAGE MAIN;
--> statement-breakpoint
CREATE FUNCTION quarry_words(statement jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  -- A tsvector holds 1 MiB at most: of a longer statement its beginning is found.
  select to_tsvector('pg_catalog.english', left(concat_ws(E'\n', statement ->> 'title', statement ->> 'issue', statement ->> 'hints'), 100000))
$$;
--> statement-breakpoint
CREATE FUNCTION quarry_names(names jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  select coalesce(array_agg(distinct name order by name), '{}') from jsonb_array_elements_text(names) name
$$;
--> statement-breakpoint
-- Times of publications are in the order of their sequence, whatever the clock does.
CREATE FUNCTION quarry_order_publication() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  new.at := greatest(new.at, (select at from publications order by sequence desc limit 1));
  return new;
end $$;
--> statement-breakpoint
CREATE TRIGGER publications_order BEFORE INSERT ON publications FOR EACH ROW EXECUTE FUNCTION quarry_order_publication();
--> statement-breakpoint
-- The listing of a task that is live from a sequence on; `words` come from the statement as it is now.
CREATE FUNCTION quarry_add_listing(task tasks, since bigint, until bigint) RETURNS void LANGUAGE plpgsql AS $$
declare
  kind int;
begin
  insert into task_kinds as k (language, ecosystem, miner, licence, frameworks, flags, listings)
    values (task.language, task.ecosystem, task.miner, task.licence, quarry_names(task.frameworks), quarry_names(task.flags), 1)
    on conflict (language, ecosystem, miner, licence, frameworks, flags) do update set listings = k.listings + 1
    returning id into kind;
  insert into listings (task_id, from_sequence, until_sequence, sequence, kind_id, fail_to_pass, files, lines, difficulty,
      merged_at, earliest_at, attempts, solve_rate, signal, owner, repository, words)
    select task.id, since, until, task.sequence, kind, task.fail_to_pass_count, task.files_changed, task.lines_changed, task.difficulty,
      task.merged_at, task.earliest_at, coalesce(r.attempts, 0), r.rate, r.signal, task.owner, lower(task.repository), quarry_words(task.statement)
    from (select) one left join solve_rates r on r.task_id = task.id and r.model = '';
end $$;
--> statement-breakpoint
-- Every publication moves the listings, whoever tells it: a set as of a sequence is as right as the publications are.
CREATE FUNCTION quarry_list_publication() RETURNS trigger LANGUAGE plpgsql AS $$
declare
  task tasks;
  past listings;
begin
  if new.event <> 'published' then
    update tasks set ended_sequence = new.sequence, ended_reason = new.detail, ended_at = new.at where id = new.task_id;
    update listings set until_sequence = new.sequence where task_id = new.task_id and until_sequence is null;
    return null;
  end if;
  update tasks set ended_sequence = null, ended_reason = null, ended_at = null,
      published_at = case when sequence = new.sequence then new.at else published_at end
    where id = new.task_id returning * into task;
  if task.sequence = new.sequence then
    update listings set until_sequence = new.sequence from tasks older
      where older.installation_id = task.installation_id and older.name = task.name and older.revision < task.revision
        and listings.task_id = older.id and listings.until_sequence is null;
    update tasks set superseded_sequence = new.sequence
      where installation_id = task.installation_id and name = task.name and revision < task.revision and superseded_sequence is null;
  end if;
  if task.superseded_sequence is not null then
    return null;
  end if;
  select * into past from listings where task_id = task.id order by from_sequence desc limit 1;
  if not found then
    perform quarry_add_listing(task, new.sequence, null);
  elsif past.until_sequence is not null then
    -- The same row goes on, so that solve rates that are told meanwhile are not lost; what was becomes a row beside it.
    update listings set from_sequence = new.sequence, until_sequence = null where task_id = task.id and from_sequence = past.from_sequence;
    insert into listings select past.*;
  end if;
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER publications_listing AFTER INSERT ON publications FOR EACH ROW EXECUTE FUNCTION quarry_list_publication();
--> statement-breakpoint
-- What is erased from a task is erased from what finds it.
CREATE FUNCTION quarry_list_statement() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  update listings set words = quarry_words(new.statement) where task_id = new.id;
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER tasks_statement AFTER UPDATE OF statement ON tasks FOR EACH ROW
  WHEN (old.statement IS DISTINCT FROM new.statement) EXECUTE FUNCTION quarry_list_statement();
--> statement-breakpoint
CREATE FUNCTION quarry_own_solve_rate() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  select owner into new.owner from tasks where id = new.task_id;
  return new;
end $$;
--> statement-breakpoint
CREATE TRIGGER solve_rates_owner BEFORE INSERT OR UPDATE OF task_id, owner ON solve_rates FOR EACH ROW EXECUTE FUNCTION quarry_own_solve_rate();
--> statement-breakpoint
CREATE FUNCTION quarry_list_solve_rate() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  update listings set attempts = new.attempts, solve_rate = new.rate, signal = new.signal where task_id = new.task_id;
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER solve_rates_listing AFTER INSERT OR UPDATE ON solve_rates FOR EACH ROW
  WHEN (new.model = '') EXECUTE FUNCTION quarry_list_solve_rate();
--> statement-breakpoint
-- What there is already. Times first, then ends and revisions, then a listing for each stretch that a task was live.
UPDATE publications p SET at = monotone.at FROM (select sequence, max(at) over (order by sequence) as at from publications) monotone
  WHERE monotone.sequence = p.sequence AND monotone.at <> p.at;
--> statement-breakpoint
UPDATE tasks t SET
  published_at = coalesce((select at from publications p where p.sequence = t.sequence), published_at),
  superseded_sequence = (select min(n.sequence) from tasks n where n.installation_id = t.installation_id and n.name = t.name and n.revision > t.revision);
--> statement-breakpoint
UPDATE tasks t SET ended_sequence = last.sequence, ended_reason = last.detail, ended_at = last.at
  FROM (select distinct on (task_id) * from publications order by task_id, sequence desc) last
  WHERE last.task_id = t.id AND last.event <> 'published';
--> statement-breakpoint
UPDATE solve_rates r SET owner = t.owner FROM tasks t WHERE t.id = r.task_id;
--> statement-breakpoint
SELECT quarry_add_listing(t, p.sequence, least(p.next, t.superseded_sequence))
  FROM (select *, lead(sequence) over (partition by task_id order by sequence) as next from publications) p JOIN tasks t ON t.id = p.task_id
  WHERE p.event = 'published' AND (t.superseded_sequence IS NULL OR p.sequence < t.superseded_sequence)
  ORDER BY p.sequence;
--> statement-breakpoint
-- The role that reads for callers. It is the server's, not the database's: several databases, and several migrations at once, share it.
DO $$
begin
  for try in 1..20 loop
    begin
      if not exists (select from pg_roles where rolname = 'quarry_reader') then
        create role quarry_reader nologin noinherit;
      end if;
      if exists (select from pg_roles where rolname = 'quarry_reader' and (rolsuper or rolbypassrls or rolcreaterole)) then
        raise exception 'the role quarry_reader may do more than read' using errcode = 'QU001',
          hint = 'As a superuser: alter role quarry_reader nosuperuser nobypassrls nocreaterole;';
      end if;
      if not pg_has_role(current_user, 'quarry_reader', case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end) then
        execute format('grant quarry_reader to %I', current_user);
      end if;
      return;
    exception
      when duplicate_object or unique_violation or internal_error then
        perform pg_sleep(0.05);
      when insufficient_privilege then
        raise exception '% may not make the role quarry_reader, or not act as it', current_user using errcode = 'QU001',
          hint = format('As an administrator of the server, once: create role quarry_reader nologin; grant quarry_reader to %I;', current_user);
    end;
  end loop;
  raise exception 'the role quarry_reader could not be made: others are at it' using errcode = 'QU001', hint = 'Try again.';
end $$;
--> statement-breakpoint
DO $$
begin
  -- In a database of its own that is all; in one whose schema is closed to others it has to be let in.
  execute format('grant usage on schema %I to quarry_reader', current_schema());
end $$;
--> statement-breakpoint
GRANT SELECT ON tasks, listings, task_kinds, publications, solve_rates, snapshots, attempts, environments, repositories, pulls, candidates TO quarry_reader;
--> statement-breakpoint
-- Who asks, as src/db/as-caller.ts sets it for a transaction: accounts in lower case, or * for all. Unset: none.
CREATE FUNCTION quarry_owners() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  select string_to_array(coalesce(current_setting('quarry.owners', true), ''), ',')
$$;
--> statement-breakpoint
CREATE FUNCTION quarry_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  select coalesce(current_setting('quarry.owners', true), '') = '*'
$$;
--> statement-breakpoint
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE listings ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE solve_rates ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE publications ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE snapshots ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE environments ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE repositories ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE pulls ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE candidates ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Each asks once who may see what (an InitPlan), not once a row.
CREATE POLICY reader ON tasks FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR owner = ANY ((select quarry_owners())::text[]));
--> statement-breakpoint
CREATE POLICY reader ON listings FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR owner = ANY ((select quarry_owners())::text[]));
--> statement-breakpoint
CREATE POLICY reader ON solve_rates FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR owner = ANY ((select quarry_owners())::text[]));
--> statement-breakpoint
CREATE POLICY reader ON repositories FOR SELECT TO quarry_reader
  USING ((select quarry_sees_all()) OR lower(split_part(name, '/', 1)) = ANY ((select quarry_owners())::text[]));
--> statement-breakpoint
-- What hangs on a task or a repository is seen by whoever sees that: the policy of the inner table holds in these, too.
CREATE POLICY reader ON publications FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from tasks t where t.id = task_id));
--> statement-breakpoint
CREATE POLICY reader ON snapshots FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from tasks t where t.snapshot_id = snapshots.id));
--> statement-breakpoint
CREATE POLICY reader ON attempts FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from tasks t where t.attempt_id = attempts.id));
--> statement-breakpoint
CREATE POLICY reader ON environments FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from tasks t where t.environment_id = environments.id));
--> statement-breakpoint
CREATE POLICY reader ON pulls FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from repositories r where r.id = repository_id));
--> statement-breakpoint
CREATE POLICY reader ON candidates FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from repositories r where r.id = repository_id));
--> statement-breakpoint
-- A number of no owner's: as of when a set is.
CREATE FUNCTION quarry_last_sequence() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  select coalesce(max(sequence), 0) from publications
$$;
--> statement-breakpoint
-- The last sequence that was given before a time.
CREATE FUNCTION quarry_sequence_before(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  select coalesce((select sequence from publications where at < moment order by at desc, sequence desc limit 1), 0)
$$;
--> statement-breakpoint
-- Full text search uses its index only outside of row-level security, since @@ is not leakproof: this asks as the tables' owner, and
-- holds the owner's predicate itself. What else narrows is given along, so that indexes are combined; the caller's query checks all of it.
CREATE FUNCTION quarry_listings_with_words(query text, kinds int[], accounts text[], named text[], span int8range, merged tstzrange, earliest timestamptz, sizes int4range[])
RETURNS SETOF listings LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
declare
  owners text[] := quarry_owners();
  sees_all boolean := quarry_sees_all();
begin
  return query select l.* from listings l
    where l.words @@ websearch_to_tsquery('pg_catalog.english', query)
      and (sees_all or l.owner = any (owners))
      and (kinds is null or l.kind_id = any (kinds))
      and (accounts is null or l.owner = any (accounts))
      and (named is null or l.repository = any (named))
      and (lower(span) is null or l.sequence >= lower(span))
      and (upper(span) is null or l.sequence < upper(span))
      and (lower(merged) is null or l.merged_at >= lower(merged))
      and (upper(merged) is null or l.merged_at < upper(merged))
      and (earliest is null or l.earliest_at >= earliest)
      and (sizes[1] is null or l.fail_to_pass <@ sizes[1])
      and (sizes[2] is null or l.files <@ sizes[2])
      and (sizes[3] is null or l.lines <@ sizes[3])
      and (sizes[4] is null or l.difficulty::int <@ sizes[4]);
end $$;
--> statement-breakpoint
DO $$
declare
  function regprocedure;
begin
  for function in select oid::regprocedure from pg_proc where proname like 'quarry\_%' and pronamespace = current_schema()::regnamespace loop
    execute format('revoke all on function %s from public', function);
  end loop;
end $$;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION quarry_owners(), quarry_sees_all(), quarry_last_sequence(), quarry_sequence_before(timestamptz),
  quarry_listings_with_words(text, int[], text[], text[], int8range, tstzrange, timestamptz, int4range[]) TO quarry_reader;
