-- Installation 0 is this machine's own command line; the counter is one row that publishing transactions lock.
INSERT INTO "installations" ("id", "account") VALUES (0, 'local') ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO "publication_counter" ("one", "last") VALUES (true, 0) ON CONFLICT DO NOTHING;
