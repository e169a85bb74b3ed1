ALTER TABLE "pulls" ALTER COLUMN "merged_at" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "pulls" ALTER COLUMN "merge_commit" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "pulls" ADD COLUMN "first_commit_at" timestamp with time zone;