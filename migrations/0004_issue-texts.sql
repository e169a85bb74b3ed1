-- What an issue said is each pull's own: as it stood when that pull was made.
ALTER TABLE "pull_issues" ADD COLUMN "title" text;--> statement-breakpoint
ALTER TABLE "pull_issues" ADD COLUMN "body" text;--> statement-breakpoint
ALTER TABLE "pull_issues" ADD COLUMN "comments" jsonb;--> statement-breakpoint
UPDATE "pull_issues" SET "title" = i."title", "body" = i."body", "comments" = i."comments" FROM "issues" i WHERE i."id" = "pull_issues"."issue_id";--> statement-breakpoint
ALTER TABLE "pull_issues" ALTER COLUMN "title" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "pull_issues" ALTER COLUMN "body" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "pull_issues" ALTER COLUMN "comments" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "issues" DROP COLUMN "title";--> statement-breakpoint
ALTER TABLE "issues" DROP COLUMN "body";--> statement-breakpoint
ALTER TABLE "issues" DROP COLUMN "comments";
