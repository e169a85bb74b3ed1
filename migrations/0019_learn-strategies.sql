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
--> statement-breakpoint
ALTER TABLE "learned_strategies" ADD CONSTRAINT "learned_strategies_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learned_strategies" ADD CONSTRAINT "learned_strategies_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;