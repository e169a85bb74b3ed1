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
--> statement-breakpoint
-- Newer versions of Postgres name the constraint after the column.
ALTER TABLE "grades" ALTER COLUMN "created_at" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "grades" RENAME COLUMN "created_at" TO "queued_at";--> statement-breakpoint
ALTER TABLE "grades" ALTER COLUMN "queued_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "grades" ALTER COLUMN "verdict" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "grades" ALTER COLUMN "result" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "grades" ALTER COLUMN "seconds" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "state" text DEFAULT 'done' NOT NULL;--> statement-breakpoint
-- Those of before came out of the command line, which stores what is done.
ALTER TABLE "grades" ALTER COLUMN "state" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "shared" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "job" uuid;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "machine" text;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "test_seconds" double precision;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "started_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "ended_at" timestamp with time zone;--> statement-breakpoint
UPDATE "grades" SET "ended_at" = "queued_at";--> statement-breakpoint
ALTER TABLE "grade_requests" ADD CONSTRAINT "grade_requests_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grade_requests" ADD CONSTRAINT "grade_requests_grade_id_grades_id_fk" FOREIGN KEY ("grade_id") REFERENCES "public"."grades"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grade_requests" ADD CONSTRAINT "grade_requests_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "grade_requests_grade" ON "grade_requests" USING btree ("grade_id");--> statement-breakpoint
CREATE UNIQUE INDEX "grade_requests_key" ON "grade_requests" USING btree ("token_id","idempotency_key","position") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "grades_shared" ON "grades" USING btree ("task_id","content_hash","patch_digest") WHERE shared;--> statement-breakpoint
CREATE INDEX "grades_waiting" ON "grades" USING btree ("queued_at") WHERE state = 'queued' and job is null;--> statement-breakpoint
CREATE INDEX "grades_in_hand" ON "grades" USING btree ("job") WHERE state <> 'done' and job is not null;