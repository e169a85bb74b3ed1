-- A bit for each word, by a hash that Postgres keeps: its hash indexes outlive upgrades, too.
CREATE FUNCTION quarry_signature(lexemes text[]) RETURNS bit(512) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  select coalesce(bit_or(set_bit(0::bit(512), hashtext(lexeme) & 511, 1)), 0::bit(512)) from unnest(lexemes) lexeme
$$;
--> statement-breakpoint
-- The bits that a row which matches has for certain: of all words, where all are sought; of none where some are left out or are a choice.
CREATE FUNCTION quarry_sought_signature(query tsquery) RETURNS bit(512) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  select case when query::text ~ '[|!]' then 0::bit(512)
    else quarry_signature(array(select replace(found[1], '''''', '''') from regexp_matches(query::text, '''((?:[^'']|'''')*)''', 'g') found)) end
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION quarry_signature(text[]), quarry_sought_signature(tsquery) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION quarry_signature(text[]), quarry_sought_signature(tsquery) TO quarry_reader;
--> statement-breakpoint
-- Every row is written anew: its words are put into their index once, at the end, and not one by one.
DROP INDEX "listings_words";
--> statement-breakpoint
ALTER TABLE "listings" ADD COLUMN "language" text;
--> statement-breakpoint
ALTER TABLE "listings" ADD COLUMN "signature" bit(512);
--> statement-breakpoint
-- In the row, or looking at it would cost what it saves.
ALTER TABLE "listings" ALTER COLUMN "signature" SET STORAGE PLAIN;
--> statement-breakpoint
UPDATE listings l SET language = k.language, signature = quarry_signature(tsvector_to_array(l.words)) FROM task_kinds k WHERE k.id = l.kind_id;
--> statement-breakpoint
ALTER TABLE "listings" ALTER COLUMN "language" SET NOT NULL, ALTER COLUMN "signature" SET NOT NULL;
--> statement-breakpoint
CREATE INDEX "listings_words" ON "listings" USING gin ("words") WITH (fastupdate = false);
--> statement-breakpoint
CREATE INDEX "listings_language" ON "listings" USING btree ("language","sequence");
--> statement-breakpoint
CREATE INDEX "listings_language_merged" ON "listings" USING btree ("language","merged_at","sequence");
--> statement-breakpoint
-- The listing of a task that is live from a sequence on; `words` come from the statement as it is now.
CREATE OR REPLACE FUNCTION quarry_add_listing(task tasks, since bigint, until bigint) RETURNS void LANGUAGE plpgsql AS $$
declare
  kind int;
  said tsvector := quarry_words(task.statement);
begin
  insert into task_kinds as k (language, ecosystem, miner, licence, frameworks, flags, listings)
    values (task.language, task.ecosystem, task.miner, task.licence, quarry_names(task.frameworks), quarry_names(task.flags), 1)
    on conflict (language, ecosystem, miner, licence, frameworks, flags) do update set listings = k.listings + 1
    returning id into kind;
  insert into listings (task_id, from_sequence, until_sequence, sequence, kind_id, fail_to_pass, files, lines, difficulty,
      merged_at, earliest_at, attempts, solve_rate, signal, owner, repository, language, words, signature)
    select task.id, since, until, task.sequence, kind, task.fail_to_pass_count, task.files_changed, task.lines_changed, task.difficulty,
      task.merged_at, task.earliest_at, coalesce(r.attempts, 0), r.rate, r.signal, task.owner, lower(task.repository), task.language, said,
      quarry_signature(tsvector_to_array(said))
    from (select) one left join solve_rates r on r.task_id = task.id and r.model = '';
end $$;
--> statement-breakpoint
-- What is erased from a task is erased from what finds it.
CREATE OR REPLACE FUNCTION quarry_list_statement() RETURNS trigger LANGUAGE plpgsql AS $$
declare
  said tsvector := quarry_words(new.statement);
begin
  update listings set words = said, signature = quarry_signature(tsvector_to_array(said)) where task_id = new.id;
  return null;
end $$;
