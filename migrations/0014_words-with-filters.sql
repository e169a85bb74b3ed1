DROP FUNCTION quarry_listings_with_words(text, int[], text[], text[], int8range, tstzrange, timestamptz, int4range[]);
--> statement-breakpoint
-- Full text search uses its index only outside of row-level security, since @@ is not leakproof: this asks as the tables' owner, and
-- holds the owner's predicate itself. What else was asked is given along, so that the planner sees all of it at once; what is null says
-- nothing. The caller's query checks everything but the words again.
CREATE FUNCTION quarry_listings_with_words(query text, narrowed jsonb)
RETURNS SETOF listings LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
declare
  sought tsquery := websearch_to_tsquery('pg_catalog.english', query);
  owners text[] := quarry_owners();
  sees_all boolean := quarry_sees_all();
  kinds int[] := case when narrowed -> 'kinds' is not null then array(select jsonb_array_elements_text(narrowed -> 'kinds')::int) end;
  accounts text[] := case when narrowed -> 'owners' is not null then array(select jsonb_array_elements_text(narrowed -> 'owners')) end;
  named text[] := case when narrowed -> 'repositories' is not null then array(select jsonb_array_elements_text(narrowed -> 'repositories')) end;
  as_of bigint := narrowed ->> 'as_of';
  sequence_min bigint := narrowed ->> 'sequence_min';
  sequence_max bigint := narrowed ->> 'sequence_max';
  merged_after timestamptz := narrowed ->> 'merged_after';
  merged_before timestamptz := narrowed ->> 'merged_before';
  cutoff timestamptz := narrowed ->> 'cutoff';
  fail_to_pass_min int := narrowed ->> 'fail_to_pass_min';
  fail_to_pass_max int := narrowed ->> 'fail_to_pass_max';
  files_min int := narrowed ->> 'files_min';
  files_max int := narrowed ->> 'files_max';
  lines_min int := narrowed ->> 'lines_min';
  lines_max int := narrowed ->> 'lines_max';
  difficulty_min int := narrowed ->> 'difficulty_min';
  difficulty_max int := narrowed ->> 'difficulty_max';
  attempts_min int := narrowed ->> 'attempts_min';
  rate_min float8 := narrowed ->> 'rate_min';
  rate_max float8 := narrowed ->> 'rate_max';
  wanted text := narrowed ->> 'signal';
begin
  return query select l.* from listings l
    where l.words @@ sought
      and (sees_all or l.owner = any (owners))
      and (kinds is null or l.kind_id = any (kinds))
      and (accounts is null or l.owner = any (accounts))
      and (named is null or l.repository = any (named))
      and (as_of is null or (l.from_sequence <= as_of and (l.until_sequence is null or l.until_sequence > as_of)))
      and (sequence_min is null or l.sequence >= sequence_min) and (sequence_max is null or l.sequence <= sequence_max)
      and (merged_after is null or l.merged_at >= merged_after) and (merged_before is null or l.merged_at < merged_before)
      and (cutoff is null or l.earliest_at >= cutoff)
      and (fail_to_pass_min is null or l.fail_to_pass >= fail_to_pass_min) and (fail_to_pass_max is null or l.fail_to_pass <= fail_to_pass_max)
      and (files_min is null or l.files >= files_min) and (files_max is null or l.files <= files_max)
      and (lines_min is null or l.lines >= lines_min) and (lines_max is null or l.lines <= lines_max)
      and (difficulty_min is null or l.difficulty >= difficulty_min) and (difficulty_max is null or l.difficulty <= difficulty_max)
      and (attempts_min is null or l.attempts >= attempts_min)
      and (rate_min is null or l.solve_rate >= rate_min) and (rate_max is null or l.solve_rate <= rate_max)
      and (wanted is null or l.signal = wanted);
end $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION quarry_listings_with_words(text, jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION quarry_listings_with_words(text, jsonb) TO quarry_reader;
