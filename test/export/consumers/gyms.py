"""Parses the lines of Multi-SWE-bench and NeMo Gym with their own classes."""
import json
import sys
from pathlib import Path

from multi_swe_bench.harness.dataset import Dataset
from nemo_gym.openai_utils import NeMoGymResponseCreateParamsNonStreaming

folder = Path(sys.argv[1])
multi = [Dataset.from_json(line) for line in (folder / "multi-swe-bench.jsonl").open()]
for task in multi:
    assert task.fixed_tests and task.base.sha and task.resolved_issues
    assert len(task.fixed_tests) == len(task.f2p_tests) + len(task.s2p_tests) + len(task.n2p_tests)
    assert task.fix_patch_result.passed_count == len(task.fixed_tests) + len(task.p2p_tests)
gym = [json.loads(line) for line in (folder / "nemo-gym.jsonl").open()]
for row in gym:
    NeMoGymResponseCreateParamsNonStreaming.model_validate(row["responses_create_params"])
    assert json.loads(row["responses_create_params"]["metadata"]["instance_dict"])["instance_id"]
assert len(multi) == len(gym)
print(json.dumps({"tasks": len(multi)}))
