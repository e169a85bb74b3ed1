DROP INDEX "grades_waiting";--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "root" text;--> statement-breakpoint
-- Those of erased tasks are done, and need none.
UPDATE "grades" SET "root" = coalesce((SELECT "environments"."root" FROM "tasks" JOIN "environments" ON "environments"."id" = "tasks"."environment_id" WHERE "tasks"."id" = "grades"."task_id"), '');--> statement-breakpoint
ALTER TABLE "grades" ALTER COLUMN "root" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "grades" ADD COLUMN "lone_test" text GENERATED ALWAYS AS (case when verdict = 'unresolved' and octet_length(patch) > 0
        and jsonb_array_length(result->'failToPass'->'failed') + jsonb_array_length(result->'passToPass'->'failed') = 1
        then coalesce(result->'failToPass'->'failed'->>0, result->'passToPass'->'failed'->>0) end) STORED;--> statement-breakpoint
CREATE INDEX "grades_lone" ON "grades" USING btree ("task_id","patch_digest") WHERE lone_test is not null;--> statement-breakpoint
CREATE INDEX "grades_undone" ON "grades" USING btree ("root") WHERE state <> 'done';--> statement-breakpoint
CREATE INDEX "grades_waiting" ON "grades" USING btree ("root","queued_at") WHERE state = 'queued' and job is null;