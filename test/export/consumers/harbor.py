"""Loads the Harbor task folders as Harbor does, its deprecations taken for errors."""
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("error", DeprecationWarning)
from harbor.models.task.task import Task

tasks = []
for folder in sorted(Path(sys.argv[1], "harbor").iterdir()):
    assert Task.is_valid_dir(folder), folder
    task = Task(folder)
    assert task.instruction.strip() and task.paths.solve_path.exists()
    assert task.config.verifier.timeout_sec >= 120 and task.config.environment.workdir == "/testbed"
    assert task.name == task.config.task.name and task.config.metadata["instance_id"] == folder.name
    tasks.append(task.name)
print(json.dumps({"tasks": len(tasks)}))
