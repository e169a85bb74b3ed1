CREATE TABLE "repository_kinds" (
	"repository" text NOT NULL,
	"kind_id" integer NOT NULL,
	CONSTRAINT "repository_kinds_repository_kind_id_pk" PRIMARY KEY("repository","kind_id")
);
--> statement-breakpoint
ALTER TABLE "leased_tasks" DROP CONSTRAINT "leased_tasks_lease_id_task_leases_id_fk";
--> statement-breakpoint
ALTER TABLE "queued_tasks" DROP CONSTRAINT "queued_tasks_walk_id_lease_walks_id_fk";
--> statement-breakpoint
ALTER TABLE "walked_repositories" DROP CONSTRAINT "walked_repositories_walk_id_lease_walks_id_fk";
--> statement-breakpoint
ALTER TABLE "queued_tasks" ADD COLUMN "name" text;--> statement-breakpoint
UPDATE "queued_tasks" SET "name" = tasks.name FROM tasks WHERE tasks.id = task_id;--> statement-breakpoint
ALTER TABLE "queued_tasks" ALTER COLUMN "name" SET NOT NULL;
--> statement-breakpoint
CREATE FUNCTION quarry_note_kind() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  insert into repository_kinds (repository, kind_id) values (new.repository, new.kind_id) on conflict do nothing;
  return null;
end $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION quarry_note_kind() FROM PUBLIC;
--> statement-breakpoint
-- First, so that nothing is listed beside what follows.
CREATE TRIGGER listings_kind_noted AFTER INSERT OR UPDATE OF repository, kind_id ON listings FOR EACH ROW EXECUTE FUNCTION quarry_note_kind();
--> statement-breakpoint
INSERT INTO repository_kinds (repository, kind_id) SELECT DISTINCT repository, kind_id FROM listings;
