-- What a certificate tells, for whoever sees the task: the policy of the inner table holds in these, too.
GRANT SELECT ON runs, verdicts, test_names TO quarry_reader;
--> statement-breakpoint
ALTER TABLE runs ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE verdicts ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE test_names ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY reader ON runs FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from candidates c where c.id = candidate_id));
--> statement-breakpoint
CREATE POLICY reader ON verdicts FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from candidates c where c.id = candidate_id));
--> statement-breakpoint
CREATE POLICY reader ON test_names FOR SELECT TO quarry_reader USING ((select quarry_sees_all()) OR EXISTS (select from runs r where r.names_digest = digest));
