CREATE TABLE "disks" (
	"machine_id" uuid PRIMARY KEY NOT NULL,
	"free" bigint NOT NULL,
	"size" bigint NOT NULL,
	"budget" bigint NOT NULL,
	"measured_at" timestamp with time zone NOT NULL,
	"parts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"parts_measured_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "github_budgets" (
	"installation_id" bigint NOT NULL,
	"resource" text NOT NULL,
	"limit" integer NOT NULL,
	"remaining" integer NOT NULL,
	"resets_at" timestamp with time zone NOT NULL,
	"told_at" timestamp with time zone NOT NULL,
	CONSTRAINT "github_budgets_installation_id_resource_pk" PRIMARY KEY("installation_id","resource")
);
--> statement-breakpoint
CREATE TABLE "job_times" (
	"queue" text NOT NULL,
	"outcome" text NOT NULL,
	"bound" double precision NOT NULL,
	"jobs" bigint NOT NULL,
	"seconds" double precision NOT NULL,
	CONSTRAINT "job_times_queue_outcome_bound_pk" PRIMARY KEY("queue","outcome","bound")
);
--> statement-breakpoint
ALTER TABLE "disks" ADD CONSTRAINT "disks_machine_id_machines_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machines"("id") ON DELETE cascade ON UPDATE no action;