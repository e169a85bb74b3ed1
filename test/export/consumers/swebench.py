"""Reads the SWE-bench lines, the Parquet data set and the reports of a run as their own packages do."""
import contextlib
import io
import json
import os
import sys
from pathlib import Path

folder = Path(sys.argv[1])
os.chdir(folder)

import datasets
import duckdb
from swebench.harness.reporting import make_run_report
from swebench.harness.utils import get_predictions_from_file, load_swebench_dataset, make_test_spec
from swebench.types import SWEbenchInstance

instances = load_swebench_dataset(str(folder / "swebench.jsonl"))
for instance in instances:
    for key, kind in SWEbenchInstance.__annotations__.items():
        assert isinstance(instance[key], kind), (instance["instance_id"], key)
    spec = make_test_spec(instance)
    assert spec.FAIL_TO_PASS and spec.eval_script.startswith("#!/bin/bash")

data = datasets.load_dataset(str(folder / "parquet"), cache_dir=str(folder / "cache"))["train"]
assert data.num_rows == len(instances)
for row, instance in zip(data, instances):
    assert row["FAIL_TO_PASS"] == json.loads(instance["FAIL_TO_PASS"])
    assert row["PASS_TO_PASS"] == json.loads(instance["PASS_TO_PASS"])
    assert row["patch"] == instance["patch"]
types = duckdb.sql("select typeof(FAIL_TO_PASS), typeof(PASS_TO_PASS), typeof(flags) from 'parquet/data/*.parquet'")
assert set(types.fetchall()) == {("VARCHAR[]",) * 3}
total = duckdb.sql("select sum(len(FAIL_TO_PASS)) from 'parquet/data/*.parquet'").fetchone()[0]
assert total == sum(len(row["FAIL_TO_PASS"]) for row in data)
assert load_swebench_dataset(str(folder / "parquet/data/train-00000.parquet"))[0]["repo"]

# What its own harness makes of our per-instance reports is what our summary says.
predictions = {p["instance_id"]: p for p in get_predictions_from_file("predictions.jsonl", "", "")}
ours = json.loads((folder / "summary.json").read_text())
graded = [instance for instance in instances if instance["instance_id"] in predictions]
with contextlib.redirect_stdout(io.StringIO()):
    theirs = json.loads(make_run_report(predictions, graded, "quarry", report_dir=str(folder / "theirs")).read_text())
for key, value in theirs.items():
    assert ours[key] == value, (key, ours[key], value)
print(json.dumps({"instances": len(instances), "resolved": theirs["resolved_instances"]}))
