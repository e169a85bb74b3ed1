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
--> statement-breakpoint
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
--> statement-breakpoint
CREATE TABLE "forgotten_on" (
	"machine_id" uuid NOT NULL,
	"erasure_id" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "forgotten_on_machine_id_erasure_id_pk" PRIMARY KEY("machine_id","erasure_id")
);
--> statement-breakpoint
CREATE TABLE "machines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "nightly_reports" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone NOT NULL,
	"report" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tasks" ALTER COLUMN "candidate_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ALTER COLUMN "snapshot_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ALTER COLUMN "attempt_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ALTER COLUMN "environment_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "candidates" ADD COLUMN "reported_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "repository_id" bigint;--> statement-breakpoint
ALTER TABLE "installations" ADD COLUMN "state" text DEFAULT 'active' NOT NULL;--> statement-breakpoint
ALTER TABLE "installations" ADD COLUMN "permissions" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "is_private" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "is_archived" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "state" text DEFAULT 'active' NOT NULL;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "settings" jsonb;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "backfill" jsonb;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "reconciled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "validated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "forgotten_on" ADD CONSTRAINT "forgotten_on_machine_id_machines_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machines"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "forgotten_on" ADD CONSTRAINT "forgotten_on_erasure_id_erasures_id_fk" FOREIGN KEY ("erasure_id") REFERENCES "public"."erasures"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deliveries_received" ON "deliveries" USING btree ("received_at");--> statement-breakpoint
CREATE UNIQUE INDEX "erasures_standing" ON "erasures" USING btree ("repository_id",coalesce("pull", 0)) WHERE "erasures"."lifted_at" is null;--> statement-breakpoint
ALTER TABLE "environments" ADD CONSTRAINT "environments_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "runs_names" ON "runs" USING btree ("names_digest");--> statement-breakpoint
CREATE INDEX "environments_repository" ON "environments" USING btree ("repository_id");--> statement-breakpoint
CREATE INDEX "tasks_snapshot" ON "tasks" USING btree ("snapshot_id");--> statement-breakpoint
CREATE INDEX "tasks_attempt" ON "tasks" USING btree ("attempt_id");--> statement-breakpoint
CREATE INDEX "tasks_environment" ON "tasks" USING btree ("environment_id");--> statement-breakpoint
CREATE INDEX "tasks_validated" ON "tasks" USING btree ("validated_at");