CREATE TABLE "outcome_requests" (
	"token_id" bigint NOT NULL,
	"idempotency_key" text NOT NULL,
	"request_digest" text NOT NULL,
	"stored" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outcome_requests_token_id_idempotency_key_pk" PRIMARY KEY("token_id","idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "consumers" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"realm" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
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
--> statement-breakpoint
CREATE TABLE "leased_tasks" (
	"lease_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"task_id" bigint NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "leased_tasks_lease_id_position_pk" PRIMARY KEY("lease_id","position")
);
--> statement-breakpoint
CREATE TABLE "queued_tasks" (
	"walk_id" bigint NOT NULL,
	"position" bigint NOT NULL,
	"task_id" bigint NOT NULL,
	CONSTRAINT "queued_tasks_walk_id_position_pk" PRIMARY KEY("walk_id","position")
);
--> statement-breakpoint
CREATE TABLE "returned_tasks" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"consumer_id" bigint NOT NULL,
	"task_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "served_tasks" (
	"consumer_id" bigint NOT NULL,
	"name" text NOT NULL,
	"task_id" bigint NOT NULL,
	"lease_id" uuid,
	"served_at" timestamp with time zone,
	CONSTRAINT "served_tasks_consumer_id_name_pk" PRIMARY KEY("consumer_id","name")
);
--> statement-breakpoint
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
--> statement-breakpoint
CREATE TABLE "walked_repositories" (
	"walk_id" bigint NOT NULL,
	"repository" text NOT NULL,
	"after_sequence" bigint NOT NULL,
	"turn" integer NOT NULL,
	"active" boolean NOT NULL,
	CONSTRAINT "walked_repositories_walk_id_repository_pk" PRIMARY KEY("walk_id","repository")
);
--> statement-breakpoint
DROP INDEX "outcomes_key";--> statement-breakpoint
ALTER TABLE "outcomes" ADD COLUMN "grade" uuid;--> statement-breakpoint
ALTER TABLE "solve_rates" ADD COLUMN "changed_by" bigint DEFAULT pg_current_xact_id()::text::bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "outcome_requests" ADD CONSTRAINT "outcome_requests_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lease_walks" ADD CONSTRAINT "lease_walks_consumer_id_consumers_id_fk" FOREIGN KEY ("consumer_id") REFERENCES "public"."consumers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "leased_tasks" ADD CONSTRAINT "leased_tasks_lease_id_task_leases_id_fk" FOREIGN KEY ("lease_id") REFERENCES "public"."task_leases"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queued_tasks" ADD CONSTRAINT "queued_tasks_walk_id_lease_walks_id_fk" FOREIGN KEY ("walk_id") REFERENCES "public"."lease_walks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_leases" ADD CONSTRAINT "task_leases_consumer_id_consumers_id_fk" FOREIGN KEY ("consumer_id") REFERENCES "public"."consumers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_leases" ADD CONSTRAINT "task_leases_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "walked_repositories" ADD CONSTRAINT "walked_repositories_walk_id_lease_walks_id_fk" FOREIGN KEY ("walk_id") REFERENCES "public"."lease_walks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "outcome_requests_created" ON "outcome_requests" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "consumers_name" ON "consumers" USING btree ("realm","name");--> statement-breakpoint
CREATE UNIQUE INDEX "lease_walks_key" ON "lease_walks" USING btree ("consumer_id","key");--> statement-breakpoint
CREATE INDEX "returned_tasks_consumer" ON "returned_tasks" USING btree ("consumer_id","id");--> statement-breakpoint
CREATE INDEX "served_tasks_again" ON "served_tasks" USING btree ("consumer_id","served_at","name") WHERE lease_id is null;--> statement-breakpoint
CREATE INDEX "task_leases_open" ON "task_leases" USING btree ("consumer_id","expires_at") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "task_leases_ended" ON "task_leases" USING btree ("ended_at");--> statement-breakpoint
CREATE UNIQUE INDEX "task_leases_key" ON "task_leases" USING btree ("token_id","idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE INDEX "walked_repositories_turn" ON "walked_repositories" USING btree ("walk_id","turn","repository") WHERE active;--> statement-breakpoint
CREATE INDEX "outcomes_grade" ON "outcomes" USING btree ("grade") WHERE grade is not null;--> statement-breakpoint
CREATE INDEX "solve_rates_changed" ON "solve_rates" USING btree ("changed_by");--> statement-breakpoint
ALTER TABLE "outcomes" DROP COLUMN "idempotency_key";