CREATE TABLE "listings" (
	"task_id" bigint NOT NULL,
	"from_sequence" bigint NOT NULL,
	"until_sequence" bigint,
	"sequence" bigint NOT NULL,
	"kind_id" integer NOT NULL,
	"fail_to_pass" integer NOT NULL,
	"files" integer NOT NULL,
	"lines" integer NOT NULL,
	"difficulty" smallint NOT NULL,
	"merged_at" timestamp with time zone NOT NULL,
	"earliest_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"solve_rate" double precision,
	"signal" text,
	"owner" text NOT NULL,
	"repository" text NOT NULL,
	"words" "tsvector" NOT NULL,
	"wide" text DEFAULT repeat(' ', 2100) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "task_kinds" (
	"id" serial PRIMARY KEY NOT NULL,
	"language" text NOT NULL,
	"ecosystem" text NOT NULL,
	"miner" text NOT NULL,
	"licence" text,
	"frameworks" text[] NOT NULL,
	"flags" text[] NOT NULL,
	"listings" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "task_kinds_identity" UNIQUE NULLS NOT DISTINCT("language","ecosystem","miner","licence","frameworks","flags")
);
--> statement-breakpoint
ALTER TABLE "publications" ALTER COLUMN "at" SET DEFAULT clock_timestamp();--> statement-breakpoint
ALTER TABLE "solve_rates" ADD COLUMN "owner" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "owner" text GENERATED ALWAYS AS (lower(split_part(repository, '/', 1))) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "licence" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "title" text GENERATED ALWAYS AS (coalesce(statement ->> 'title', '')) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "difficulty" smallint GENERATED ALWAYS AS (least(5, 1 + (lines_changed >= 10)::int + (lines_changed >= 30)::int + (lines_changed >= 100)::int + (lines_changed >= 300)::int + (files_changed >= 4)::int + (files_changed >= 10)::int)::smallint) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "earliest_at" timestamp with time zone;--> statement-breakpoint
UPDATE "tasks" SET "earliest_at" = least("merged_at", "statement_at", (select least(p."created_at", p."first_commit_at", min(i."created_at")) from "candidates" c join "pulls" p on p."id" = c."pull_id" left join "pull_issues" l on l."pull_id" = p."id" left join "issues" i on i."id" = l."issue_id" where c."id" = "tasks"."candidate_id" group by p."id"));--> statement-breakpoint
ALTER TABLE "tasks" ALTER COLUMN "earliest_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "ended_sequence" bigint;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "ended_reason" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "ended_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "superseded_sequence" bigint;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_kind_id_task_kinds_id_fk" FOREIGN KEY ("kind_id") REFERENCES "public"."task_kinds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "listings_task" ON "listings" USING btree ("task_id","from_sequence");--> statement-breakpoint
CREATE INDEX "listings_sequence" ON "listings" USING btree ("sequence");--> statement-breakpoint
CREATE INDEX "listings_kind" ON "listings" USING btree ("kind_id","sequence");--> statement-breakpoint
CREATE INDEX "listings_owner" ON "listings" USING btree ("owner","sequence");--> statement-breakpoint
CREATE INDEX "listings_repository" ON "listings" USING btree ("repository","sequence");--> statement-breakpoint
CREATE INDEX "listings_merged" ON "listings" USING btree ("merged_at","sequence");--> statement-breakpoint
CREATE INDEX "listings_earliest" ON "listings" USING btree ("earliest_at");--> statement-breakpoint
CREATE INDEX "listings_lines" ON "listings" USING btree ("lines","sequence");--> statement-breakpoint
CREATE INDEX "listings_files" ON "listings" USING btree ("files");--> statement-breakpoint
CREATE INDEX "listings_fail_to_pass" ON "listings" USING btree ("fail_to_pass");--> statement-breakpoint
CREATE INDEX "listings_difficulty" ON "listings" USING btree ("difficulty","sequence");--> statement-breakpoint
CREATE INDEX "listings_words" ON "listings" USING gin ("words") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "publications_at" ON "publications" USING btree ("at","sequence");--> statement-breakpoint
CREATE INDEX "tasks_name" ON "tasks" USING btree ("name","revision");--> statement-breakpoint
CREATE INDEX "tasks_ended" ON "tasks" USING btree ("ended_sequence");