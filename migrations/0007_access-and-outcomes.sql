CREATE TABLE "servings" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"token_id" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"what" text NOT NULL,
	"task_id" bigint,
	"tasks" integer NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"owners" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "tokens_name_unique" UNIQUE("name"),
	CONSTRAINT "tokens_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "outcomes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"task_id" bigint NOT NULL,
	"content_hash" text NOT NULL,
	"token_id" bigint,
	"consumer" text NOT NULL,
	"model" text NOT NULL,
	"solved" boolean NOT NULL,
	"reward" double precision,
	"tokens" bigint,
	"idempotency_key" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "solve_rates" (
	"installation_id" bigint DEFAULT 0 NOT NULL,
	"task_id" bigint NOT NULL,
	"model" text NOT NULL,
	"attempts" integer NOT NULL,
	"solved" integer NOT NULL,
	"rate" double precision GENERATED ALWAYS AS (solved::double precision / nullif(attempts, 0)) STORED,
	"signal" text,
	CONSTRAINT "solve_rates_task_id_model_pk" PRIMARY KEY("task_id","model")
);
--> statement-breakpoint
ALTER TABLE "servings" ADD CONSTRAINT "servings_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "servings" ADD CONSTRAINT "servings_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "solve_rates" ADD CONSTRAINT "solve_rates_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "solve_rates" ADD CONSTRAINT "solve_rates_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "servings_token" ON "servings" USING btree ("token_id","at");--> statement-breakpoint
CREATE INDEX "servings_task" ON "servings" USING btree ("task_id","at");--> statement-breakpoint
CREATE INDEX "outcomes_task" ON "outcomes" USING btree ("task_id","model");--> statement-breakpoint
CREATE UNIQUE INDEX "outcomes_key" ON "outcomes" USING btree ("token_id","idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE INDEX "solve_rates_rate" ON "solve_rates" USING btree ("model","rate","task_id");