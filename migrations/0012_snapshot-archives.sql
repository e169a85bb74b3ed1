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
--> statement-breakpoint
ALTER TABLE "snapshot_archives" ADD CONSTRAINT "snapshot_archives_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "snapshot_archives" ADD CONSTRAINT "snapshot_archives_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "snapshot_archives_used" ON "snapshot_archives" USING btree ("used_at");--> statement-breakpoint
CREATE INDEX "snapshot_archives_blob" ON "snapshot_archives" USING btree ("blob");