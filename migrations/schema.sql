CREATE SEQUENCE "public"."lease_tokens" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;
CREATE TABLE "servings" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"token_id" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"what" text NOT NULL,
	"task_id" bigint,
	"tasks" integer NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE "tokens" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"owners" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "tokens_name_unique" UNIQUE("name"),
	CONSTRAINT "tokens_hash_unique" UNIQUE("hash")
);

CREATE TABLE "candidates" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint NOT NULL,
	"pull_id" bigint NOT NULL,
	"miner" text NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"state" text NOT NULL,
	"stage" text NOT NULL,
	"reason" text,
	"evidence" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"flags" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"base_commit" text,
	"attempt_id" bigint,
	"seconds" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"decided_at" timestamp with time zone,
	"reported_at" timestamp with time zone
);

CREATE TABLE "flaky_tests" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint NOT NULL,
	"test" text NOT NULL,
	"candidate_id" bigint NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "runs" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"candidate_id" bigint NOT NULL,
	"attempt_id" bigint NOT NULL,
	"state" text NOT NULL,
	"part" text NOT NULL,
	"ordinal" integer NOT NULL,
	"ended" text NOT NULL,
	"exit_code" integer,
	"seconds" jsonb NOT NULL,
	"peak_mib" integer,
	"cores" integer NOT NULL,
	"names_digest" text NOT NULL,
	"statuses" "bytea" NOT NULL,
	"plan_files" jsonb NOT NULL,
	"log" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "snapshots" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"candidate_id" bigint NOT NULL,
	"base_commit" text NOT NULL,
	"base_tree" text NOT NULL,
	"before_tree" text NOT NULL,
	"after_tree" text NOT NULL,
	"fix_patch" "bytea" NOT NULL,
	"test_patch" "bytea" NOT NULL,
	"changes" jsonb NOT NULL,
	"statement" jsonb NOT NULL,
	"test_paths" jsonb NOT NULL,
	"tag" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "test_names" (
	"digest" text PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"count" integer NOT NULL,
	"names" "bytea" NOT NULL
);

CREATE TABLE "verdicts" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"candidate_id" bigint NOT NULL,
	"validator" text NOT NULL,
	"verdict" text NOT NULL,
	"reason" text,
	"evidence" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "deliveries" (
	"guid" text PRIMARY KEY NOT NULL,
	"event" text NOT NULL,
	"action" text,
	"installation" text,
	"repository" text,
	"number" integer,
	"state" text NOT NULL,
	"payload" "bytea",
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone
);

CREATE TABLE "attempts" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"candidate_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"environment_id" bigint,
	"strategy" jsonb NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"evidence" jsonb NOT NULL,
	"log" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "environments" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint,
	"key" text NOT NULL,
	"state" text NOT NULL,
	"layer" text,
	"blob" text,
	"layer_bytes" bigint,
	"unpacked_bytes" bigint,
	"root" text NOT NULL,
	"toolchain" jsonb NOT NULL,
	"reason" text,
	"evidence" jsonb NOT NULL,
	"flags" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"log" text,
	"seconds" double precision NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "learned_strategies" (
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint NOT NULL,
	"ecosystem" text NOT NULL,
	"strategy" text NOT NULL,
	"failed" text[] NOT NULL,
	"merged_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "learned_strategies_repository_id_ecosystem_pk" PRIMARY KEY("repository_id","ecosystem")
);

CREATE TABLE "erasures" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint NOT NULL,
	"pull" integer,
	"reason" text NOT NULL,
	"candidates" jsonb NOT NULL,
	"layers" jsonb NOT NULL,
	"blobs" jsonb NOT NULL,
	"erased_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lifted_at" timestamp with time zone
);

CREATE TABLE "forgotten_on" (
	"machine_id" uuid NOT NULL,
	"erasure_id" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "forgotten_on_machine_id_erasure_id_pk" PRIMARY KEY("machine_id","erasure_id")
);

CREATE TABLE "machines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "disks" (
	"machine_id" uuid PRIMARY KEY NOT NULL,
	"free" bigint NOT NULL,
	"size" bigint NOT NULL,
	"budget" bigint NOT NULL,
	"measured_at" timestamp with time zone NOT NULL,
	"parts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"parts_measured_at" timestamp with time zone
);

CREATE TABLE "github_budgets" (
	"installation_id" bigint NOT NULL,
	"resource" text NOT NULL,
	"limit" integer NOT NULL,
	"remaining" integer NOT NULL,
	"resets_at" timestamp with time zone NOT NULL,
	"told_at" timestamp with time zone NOT NULL,
	CONSTRAINT "github_budgets_installation_id_resource_pk" PRIMARY KEY("installation_id","resource")
);

CREATE TABLE "job_times" (
	"queue" text NOT NULL,
	"outcome" text NOT NULL,
	"bound" double precision NOT NULL,
	"jobs" bigint NOT NULL,
	"seconds" double precision NOT NULL,
	CONSTRAINT "job_times_queue_outcome_bound_pk" PRIMARY KEY("queue","outcome","bound")
);

CREATE TABLE "grade_requests" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"grade_id" uuid NOT NULL,
	"token_id" bigint NOT NULL,
	"realm" text NOT NULL,
	"idempotency_key" text,
	"body_digest" text,
	"position" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "grades" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"task_id" bigint NOT NULL,
	"content_hash" text NOT NULL,
	"patch_digest" text NOT NULL,
	"patch" "bytea" NOT NULL,
	"root" text NOT NULL,
	"state" text NOT NULL,
	"shared" boolean DEFAULT false NOT NULL,
	"job" uuid,
	"machine" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"verdict" text,
	"reward" integer,
	"result" jsonb,
	"log" text,
	"seconds" double precision,
	"test_seconds" double precision,
	"lone_test" text GENERATED ALWAYS AS (case when verdict = 'unresolved' and octet_length(patch) > 0
        and jsonb_array_length(result->'failToPass'->'failed') + jsonb_array_length(result->'passToPass'->'failed') = 1
        then coalesce(result->'failToPass'->'failed'->>0, result->'passToPass'->'failed'->>0) end) STORED,
	"queued_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone
);

CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"token" bigint NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"process_start" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);

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
	"language" text NOT NULL,
	"signature" bit(512) NOT NULL,
	"words" "tsvector" NOT NULL,
	"wide" text DEFAULT repeat(' ', 2100) NOT NULL
);

CREATE TABLE "repository_kinds" (
	"repository" text NOT NULL,
	"kind_id" integer NOT NULL,
	CONSTRAINT "repository_kinds_repository_kind_id_pk" PRIMARY KEY("repository","kind_id")
);

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

CREATE TABLE "nightly_reports" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone NOT NULL,
	"report" jsonb NOT NULL
);

CREATE TABLE "outcome_requests" (
	"token_id" bigint NOT NULL,
	"idempotency_key" text NOT NULL,
	"request_digest" text NOT NULL,
	"stored" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outcome_requests_token_id_idempotency_key_pk" PRIMARY KEY("token_id","idempotency_key")
);

CREATE TABLE "outcomes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"task_id" bigint NOT NULL,
	"content_hash" text NOT NULL,
	"token_id" bigint,
	"consumer" text NOT NULL,
	"model" text NOT NULL,
	"solved" boolean NOT NULL,
	"reward" double precision,
	"tokens" bigint,
	"grade" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "solve_rates" (
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"task_id" bigint NOT NULL,
	"model" text NOT NULL,
	"owner" text DEFAULT '' NOT NULL,
	"attempts" integer NOT NULL,
	"solved" integer NOT NULL,
	"rate" double precision GENERATED ALWAYS AS (solved::double precision / nullif(attempts, 0)) STORED,
	"signal" text,
	"changed_by" bigint DEFAULT pg_current_xact_id()::text::bigint NOT NULL,
	CONSTRAINT "solve_rates_task_id_model_pk" PRIMARY KEY("task_id","model")
);

CREATE TABLE "installations" (
	"id" bigint PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"app_id" bigint,
	"state" text DEFAULT 'active' NOT NULL,
	"permissions" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "issues" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"author_login" text
);

CREATE TABLE "pull_issues" (
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"pull_id" bigint NOT NULL,
	"issue_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"comments" jsonb NOT NULL,
	CONSTRAINT "pull_issues_pull_id_issue_id_pk" PRIMARY KEY("pull_id","issue_id")
);

CREATE TABLE "pulls" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp with time zone,
	"merged_at" timestamp with time zone,
	"merge_commit" text,
	"first_commit_at" timestamp with time zone,
	"base_ref" text,
	"head" text,
	"author_login" text,
	"author_type" text,
	"labels" jsonb NOT NULL,
	"closes" jsonb NOT NULL,
	"source" text NOT NULL,
	"read_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "repositories" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"forge" text NOT NULL,
	"forge_id" text,
	"name" text NOT NULL,
	"origin" text NOT NULL,
	"default_branch" text,
	"is_private" boolean DEFAULT false NOT NULL,
	"is_archived" boolean DEFAULT false NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"settings" jsonb,
	"backfill" jsonb,
	"reconciled_at" timestamp with time zone,
	"visibility" text DEFAULT 'public' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "repository_names" (
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint NOT NULL,
	"name" text NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "repository_names_repository_id_name_pk" PRIMARY KEY("repository_id","name")
);

CREATE TABLE "snapshot_archives" (
	"task_id" bigint NOT NULL,
	"format" text NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"blob" text NOT NULL,
	"bytes" bigint NOT NULL,
	"commit" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "snapshot_archives_task_id_format_pk" PRIMARY KEY("task_id","format")
);

CREATE TABLE "consumers" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"realm" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "lease_walks" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"consumer_id" bigint NOT NULL,
	"key" text NOT NULL,
	"filter" jsonb NOT NULL,
	"again_after_seconds" integer,
	"seen_sequence" bigint NOT NULL,
	"seen_return" bigint NOT NULL,
	"seen_transaction" bigint NOT NULL,
	"seen_served_at" timestamp with time zone,
	"seen_served_name" text DEFAULT '' NOT NULL,
	"next_repository" bigint,
	"floor_sequence" bigint NOT NULL,
	"next_position" bigint DEFAULT 1 NOT NULL,
	"first_position" bigint DEFAULT 1 NOT NULL,
	"used_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "leased_tasks" (
	"lease_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"task_id" bigint NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "leased_tasks_lease_id_position_pk" PRIMARY KEY("lease_id","position")
);

CREATE TABLE "queued_tasks" (
	"walk_id" bigint NOT NULL,
	"position" bigint NOT NULL,
	"task_id" bigint NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "queued_tasks_walk_id_position_pk" PRIMARY KEY("walk_id","position")
);

CREATE TABLE "returned_tasks" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"consumer_id" bigint NOT NULL,
	"task_id" bigint NOT NULL
);

CREATE TABLE "served_tasks" (
	"consumer_id" bigint NOT NULL,
	"name" text NOT NULL,
	"task_id" bigint NOT NULL,
	"lease_id" uuid,
	"served_at" timestamp with time zone,
	CONSTRAINT "served_tasks_consumer_id_name_pk" PRIMARY KEY("consumer_id","name")
);

CREATE TABLE "task_leases" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"consumer_id" bigint NOT NULL,
	"token_id" bigint,
	"attempts" integer NOT NULL,
	"ttl_seconds" integer NOT NULL,
	"idempotency_key" text,
	"request_digest" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);

CREATE TABLE "walked_repositories" (
	"walk_id" bigint NOT NULL,
	"repository" text NOT NULL,
	"after_sequence" bigint NOT NULL,
	"turn" integer NOT NULL,
	"active" boolean NOT NULL,
	CONSTRAINT "walked_repositories_walk_id_repository_pk" PRIMARY KEY("walk_id","repository")
);

CREATE TABLE "publication_counter" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"last" bigint NOT NULL
);

CREATE TABLE "publications" (
	"sequence" bigint PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"task_id" bigint NOT NULL,
	"event" text NOT NULL,
	"detail" text,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE "tasks" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"repository_id" bigint NOT NULL,
	"candidate_id" bigint,
	"snapshot_id" bigint,
	"attempt_id" bigint,
	"environment_id" bigint,
	"name" text NOT NULL,
	"revision" integer NOT NULL,
	"content_hash" text NOT NULL,
	"repository" text NOT NULL,
	"owner" text GENERATED ALWAYS AS (lower(split_part(repository, '/', 1))) STORED NOT NULL,
	"pull" integer NOT NULL,
	"miner" text NOT NULL,
	"ecosystem" text NOT NULL,
	"language" text NOT NULL,
	"frameworks" jsonb NOT NULL,
	"licence" text,
	"statement" jsonb NOT NULL,
	"title" text GENERATED ALWAYS AS (coalesce(statement ->> 'title', '')) STORED NOT NULL,
	"fail_to_pass" jsonb NOT NULL,
	"before_statuses" jsonb NOT NULL,
	"pass_to_pass" "bytea" NOT NULL,
	"fail_to_pass_count" integer NOT NULL,
	"pass_to_pass_count" integer NOT NULL,
	"flaky" jsonb NOT NULL,
	"flags" jsonb NOT NULL,
	"files_changed" integer NOT NULL,
	"lines_changed" integer NOT NULL,
	"difficulty" smallint GENERATED ALWAYS AS (least(5, 1 + (lines_changed >= 10)::int + (lines_changed >= 30)::int + (lines_changed >= 100)::int + (lines_changed >= 300)::int + (files_changed >= 4)::int + (files_changed >= 10)::int)::smallint) STORED NOT NULL,
	"after_seconds" double precision NOT NULL,
	"cores" integer NOT NULL,
	"visibility" text NOT NULL,
	"state" text DEFAULT 'live' NOT NULL,
	"merged_at" timestamp with time zone NOT NULL,
	"statement_at" timestamp with time zone,
	"earliest_at" timestamp with time zone NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL,
	"validated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"erased_at" timestamp with time zone,
	"sequence" bigint NOT NULL,
	"ended_sequence" bigint,
	"ended_reason" text,
	"ended_at" timestamp with time zone,
	"superseded_sequence" bigint
);

CREATE TABLE "jobs_in_hand" (
	"job_id" uuid PRIMARY KEY NOT NULL,
	"queue" text NOT NULL,
	"retry_count" integer NOT NULL,
	"worker_id" uuid NOT NULL,
	"taken_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "workers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"process_start" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE "servings" ADD CONSTRAINT "servings_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "servings" ADD CONSTRAINT "servings_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_pull_id_pulls_id_fk" FOREIGN KEY ("pull_id") REFERENCES "public"."pulls"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "flaky_tests" ADD CONSTRAINT "flaky_tests_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "flaky_tests" ADD CONSTRAINT "flaky_tests_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "flaky_tests" ADD CONSTRAINT "flaky_tests_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "runs" ADD CONSTRAINT "runs_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "runs" ADD CONSTRAINT "runs_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "runs" ADD CONSTRAINT "runs_names_digest_test_names_digest_fk" FOREIGN KEY ("names_digest") REFERENCES "public"."test_names"("digest") ON DELETE no action ON UPDATE no action;
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "test_names" ADD CONSTRAINT "test_names_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "verdicts" ADD CONSTRAINT "verdicts_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "verdicts" ADD CONSTRAINT "verdicts_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "environments" ADD CONSTRAINT "environments_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "environments" ADD CONSTRAINT "environments_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "learned_strategies" ADD CONSTRAINT "learned_strategies_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "learned_strategies" ADD CONSTRAINT "learned_strategies_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "forgotten_on" ADD CONSTRAINT "forgotten_on_machine_id_machines_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machines"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "forgotten_on" ADD CONSTRAINT "forgotten_on_erasure_id_erasures_id_fk" FOREIGN KEY ("erasure_id") REFERENCES "public"."erasures"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "disks" ADD CONSTRAINT "disks_machine_id_machines_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machines"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "grade_requests" ADD CONSTRAINT "grade_requests_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "grade_requests" ADD CONSTRAINT "grade_requests_grade_id_grades_id_fk" FOREIGN KEY ("grade_id") REFERENCES "public"."grades"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "grade_requests" ADD CONSTRAINT "grade_requests_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "grades" ADD CONSTRAINT "grades_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "grades" ADD CONSTRAINT "grades_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "listings" ADD CONSTRAINT "listings_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "listings" ADD CONSTRAINT "listings_kind_id_task_kinds_id_fk" FOREIGN KEY ("kind_id") REFERENCES "public"."task_kinds"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "outcome_requests" ADD CONSTRAINT "outcome_requests_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "solve_rates" ADD CONSTRAINT "solve_rates_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "solve_rates" ADD CONSTRAINT "solve_rates_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "issues" ADD CONSTRAINT "issues_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "issues" ADD CONSTRAINT "issues_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "pull_issues" ADD CONSTRAINT "pull_issues_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "pull_issues" ADD CONSTRAINT "pull_issues_pull_id_pulls_id_fk" FOREIGN KEY ("pull_id") REFERENCES "public"."pulls"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "pull_issues" ADD CONSTRAINT "pull_issues_issue_id_issues_id_fk" FOREIGN KEY ("issue_id") REFERENCES "public"."issues"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "pulls" ADD CONSTRAINT "pulls_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "pulls" ADD CONSTRAINT "pulls_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "repositories" ADD CONSTRAINT "repositories_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "repository_names" ADD CONSTRAINT "repository_names_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "repository_names" ADD CONSTRAINT "repository_names_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "snapshot_archives" ADD CONSTRAINT "snapshot_archives_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "snapshot_archives" ADD CONSTRAINT "snapshot_archives_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "lease_walks" ADD CONSTRAINT "lease_walks_consumer_id_consumers_id_fk" FOREIGN KEY ("consumer_id") REFERENCES "public"."consumers"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "task_leases" ADD CONSTRAINT "task_leases_consumer_id_consumers_id_fk" FOREIGN KEY ("consumer_id") REFERENCES "public"."consumers"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "task_leases" ADD CONSTRAINT "task_leases_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "publications" ADD CONSTRAINT "publications_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "publications" ADD CONSTRAINT "publications_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "public"."candidates"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_snapshot_id_snapshots_id_fk" FOREIGN KEY ("snapshot_id") REFERENCES "public"."snapshots"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_attempt_id_attempts_id_fk" FOREIGN KEY ("attempt_id") REFERENCES "public"."attempts"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;
CREATE INDEX "servings_token" ON "servings" USING btree ("token_id","at");
CREATE INDEX "servings_task" ON "servings" USING btree ("task_id","at");
CREATE UNIQUE INDEX "candidates_identity" ON "candidates" USING btree ("pull_id","miner","revision");
CREATE INDEX "candidates_ledger" ON "candidates" USING btree ("repository_id","state","reason");
CREATE UNIQUE INDEX "flaky_tests_identity" ON "flaky_tests" USING btree ("repository_id","test");
CREATE UNIQUE INDEX "runs_identity" ON "runs" USING btree ("candidate_id","attempt_id","state","part","ordinal");
CREATE INDEX "runs_names" ON "runs" USING btree ("names_digest");
CREATE UNIQUE INDEX "snapshots_candidate" ON "snapshots" USING btree ("candidate_id");
CREATE UNIQUE INDEX "verdicts_identity" ON "verdicts" USING btree ("candidate_id","validator");
CREATE INDEX "deliveries_received" ON "deliveries" USING btree ("received_at");
CREATE UNIQUE INDEX "attempts_identity" ON "attempts" USING btree ("candidate_id","position");
CREATE INDEX "attempts_environment" ON "attempts" USING btree ("environment_id");
CREATE UNIQUE INDEX "environments_key" ON "environments" USING btree ("installation_id","key");
CREATE INDEX "environments_repository" ON "environments" USING btree ("repository_id");
CREATE UNIQUE INDEX "erasures_standing" ON "erasures" USING btree ("repository_id",coalesce("pull", 0)) WHERE "erasures"."lifted_at" is null;
CREATE INDEX "grade_requests_grade" ON "grade_requests" USING btree ("grade_id");
CREATE UNIQUE INDEX "grade_requests_key" ON "grade_requests" USING btree ("token_id","idempotency_key","position") WHERE idempotency_key is not null;
CREATE INDEX "grades_task" ON "grades" USING btree ("task_id","patch_digest");
CREATE UNIQUE INDEX "grades_shared" ON "grades" USING btree ("task_id","content_hash","patch_digest") WHERE shared;
CREATE INDEX "grades_waiting" ON "grades" USING btree ("root","queued_at") WHERE state = 'queued' and job is null;
CREATE INDEX "grades_lone" ON "grades" USING btree ("task_id","patch_digest") WHERE lone_test is not null;
CREATE INDEX "grades_undone" ON "grades" USING btree ("root") WHERE state <> 'done';
CREATE INDEX "grades_in_hand" ON "grades" USING btree ("job") WHERE state <> 'done' and job is not null;
CREATE UNIQUE INDEX "listings_task" ON "listings" USING btree ("task_id","from_sequence");
CREATE INDEX "listings_sequence" ON "listings" USING btree ("sequence");
CREATE INDEX "listings_kind" ON "listings" USING btree ("kind_id","sequence");
CREATE INDEX "listings_owner" ON "listings" USING btree ("owner","sequence");
CREATE INDEX "listings_repository" ON "listings" USING btree ("repository","sequence");
CREATE INDEX "listings_merged" ON "listings" USING btree ("merged_at","sequence");
CREATE INDEX "listings_language" ON "listings" USING btree ("language","sequence");
CREATE INDEX "listings_language_merged" ON "listings" USING btree ("language","merged_at","sequence");
CREATE INDEX "listings_earliest" ON "listings" USING btree ("earliest_at");
CREATE INDEX "listings_lines" ON "listings" USING btree ("lines","sequence");
CREATE INDEX "listings_files" ON "listings" USING btree ("files");
CREATE INDEX "listings_fail_to_pass" ON "listings" USING btree ("fail_to_pass");
CREATE INDEX "listings_signal" ON "listings" USING btree ("signal","sequence") WHERE signal is not null;
CREATE INDEX "listings_difficulty" ON "listings" USING btree ("difficulty","sequence");
CREATE INDEX "listings_words" ON "listings" USING gin ("words") WITH (fastupdate=false);
CREATE INDEX "outcome_requests_created" ON "outcome_requests" USING btree ("created_at");
CREATE INDEX "outcomes_task" ON "outcomes" USING btree ("task_id","model");
CREATE INDEX "outcomes_grade" ON "outcomes" USING btree ("grade") WHERE grade is not null;
CREATE INDEX "solve_rates_rate" ON "solve_rates" USING btree ("model","rate","task_id");
CREATE INDEX "solve_rates_changed" ON "solve_rates" USING btree ("changed_by");
CREATE UNIQUE INDEX "issues_number" ON "issues" USING btree ("repository_id","number");
CREATE INDEX "pull_issues_issue" ON "pull_issues" USING btree ("issue_id");
CREATE UNIQUE INDEX "pulls_number" ON "pulls" USING btree ("repository_id","number");
CREATE UNIQUE INDEX "repositories_forge_id" ON "repositories" USING btree ("installation_id","forge","forge_id");
CREATE UNIQUE INDEX "repositories_name" ON "repositories" USING btree ("installation_id","forge","name");
CREATE INDEX "snapshot_archives_used" ON "snapshot_archives" USING btree ("used_at");
CREATE INDEX "snapshot_archives_blob" ON "snapshot_archives" USING btree ("blob");
CREATE UNIQUE INDEX "consumers_name" ON "consumers" USING btree ("realm","name");
CREATE UNIQUE INDEX "lease_walks_key" ON "lease_walks" USING btree ("consumer_id","key");
CREATE INDEX "returned_tasks_consumer" ON "returned_tasks" USING btree ("consumer_id","id");
CREATE INDEX "served_tasks_again" ON "served_tasks" USING btree ("consumer_id","served_at","name") WHERE lease_id is null;
CREATE INDEX "task_leases_open" ON "task_leases" USING btree ("consumer_id","expires_at") WHERE ended_at is null;
CREATE INDEX "task_leases_ended" ON "task_leases" USING btree ("ended_at");
CREATE UNIQUE INDEX "task_leases_key" ON "task_leases" USING btree ("token_id","idempotency_key") WHERE idempotency_key is not null;
CREATE INDEX "walked_repositories_turn" ON "walked_repositories" USING btree ("walk_id","turn","repository") WHERE active;
CREATE INDEX "publications_task" ON "publications" USING btree ("task_id");
CREATE INDEX "publications_at" ON "publications" USING btree ("at","sequence");
CREATE UNIQUE INDEX "tasks_identity" ON "tasks" USING btree ("installation_id","name","revision");
CREATE INDEX "tasks_name" ON "tasks" USING btree ("name","revision");
CREATE INDEX "tasks_ended" ON "tasks" USING btree ("ended_sequence");
CREATE UNIQUE INDEX "tasks_candidate" ON "tasks" USING btree ("candidate_id");
CREATE INDEX "tasks_repository" ON "tasks" USING btree ("repository_id","sequence");
CREATE INDEX "tasks_merged" ON "tasks" USING btree ("merged_at");
CREATE INDEX "tasks_snapshot" ON "tasks" USING btree ("snapshot_id");
CREATE INDEX "tasks_attempt" ON "tasks" USING btree ("attempt_id");
CREATE INDEX "tasks_environment" ON "tasks" USING btree ("environment_id");
CREATE INDEX "tasks_validated" ON "tasks" USING btree ("validated_at");
CREATE INDEX "jobs_in_hand_worker" ON "jobs_in_hand" USING btree ("worker_id");
