"""The client is the server's document: every operation, every field, every type, and whether it may be null."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_type_hints

import pydantic
import pytest

import document
from document import Kind, differences, kind_of, leaves
from quarry_client import AsyncQuarry, Quarry, models
from quarry_client.filters import ExportQuery, LeaseRequest, LedgerQuery, RepositoryQuery, SuspectQuery, TaskQuery

FILE = None
"""What is answered with bytes."""

OPERATIONS: Mapping[str, tuple[str, type[pydantic.BaseModel] | None]] = {
    "listTasks": ("tasks", models.TaskPage),
    "searchTasks": ("tasks", models.TaskPage),
    "getTask": ("task", models.TaskDetail),
    "getEnvironment": ("environment", models.TaskEnvironment),
    "getLayer": ("environment_layer", FILE),
    "getTests": ("tests", models.TaskTests),
    "getSolution": ("solution", models.Solution),
    "getSnapshot": ("checkout", FILE),
    "getCertificate": ("certificate", models.Certificate),
    "getVersions": ("versions", models.TaskVersions),
    "getSolveRates": ("solve_rates", models.TaskSolveRates),
    "createLease": ("create_lease", models.LeaseInfo),
    "getLease": ("get_lease", models.LeaseInfo),
    "renewLease": ("renew_lease", models.LeaseInfo),
    "releaseLease": ("release_lease", models.LeaseInfo),
    "completeLease": ("complete_lease", models.LeaseInfo),
    "createGrades": ("submit", models.GradesAnswer),
    "getGrade": ("get_grade", models.Grade),
    "getGradeLog": ("grade_log", FILE),
    "createOutcomes": ("report", models.OutcomesAnswer),
    "listSuspects": ("suspects", models.SuspectPage),
    "exportTasks": ("export", FILE),
    "getStats": ("stats", models.Stats),
    "listCandidates": ("candidates", models.CandidatePage),
    "listRepositories": ("repositories", models.RepositoryPage),
}

STRICTER = {
    ".tasks[].task: null is allowed by the server",
    ".tasks[].revision: null is allowed by the server",
}
"""Left out only where `fields` does, and the client always names them."""

QUERIES: Mapping[str, tuple[Any, set[str]]] = {
    "listTasks": (TaskQuery, {"limit", "cursor"}),
    "searchTasks": (TaskQuery, {"limit", "cursor"}),
    "listCandidates": (LedgerQuery, {"limit", "cursor"}),
    "listRepositories": (RepositoryQuery, {"limit", "cursor"}),
    "listSuspects": (SuspectQuery, {"limit", "cursor"}),
    "exportTasks": (ExportQuery, {"format", "limit"}),
}
"""What an operation takes, and what the method's own parameters add."""

BODIES: Mapping[str, Any] = {"createLease": LeaseRequest}


@pytest.fixture(scope="module")
def served() -> dict[str, Any]:
    return document.load()


def operations(served: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for methods in served["paths"].values():
        for operation in methods.values():
            yield operation["operationId"], operation


def test_every_operation_has_its_method_and_no_method_asks_for_what_is_not_there(served: dict[str, Any]) -> None:
    assert {name for name, _ in operations(served)} == set(OPERATIONS)
    for method, _ in OPERATIONS.values():
        assert callable(getattr(Quarry, method))
        assert callable(getattr(AsyncQuarry, method))


def test_every_answer_is_read_as_it_is_written(served: dict[str, Any]) -> None:
    found: list[str] = []
    for name, operation in operations(served):
        model = OPERATIONS[name][1] if name in OPERATIONS else None
        answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        contents = [
            answer["content"]["application/json"] for answer in answers if "application/json" in answer.get("content", {})
        ]
        if model is None:
            continue
        assert len(contents) == 1, f"{name} has {len(contents)} answers in JSON"
        theirs = kind_of(contents[0]["schema"], served)
        if model is models.LeaseInfo:
            theirs = _with_listed(theirs, kind_of({"$ref": "#/components/schemas/ListedTask"}, served))
        found += [f"{name}{each}" for each in differences(_kind(model), theirs, "") if each not in STRICTER]
    assert found == []


def test_every_query_can_ask_what_the_server_takes_and_nothing_else(served: dict[str, Any]) -> None:
    found: list[str] = []
    for name, operation in operations(served):
        if name not in QUERIES:
            continue
        type_, own = QUERIES[name]
        theirs = _asked(operation, served)
        ours = _kind(type_).fields or {}
        found += [f"{name}: {each}" for each in {*ours, *own} ^ set(theirs)]
        for field in set(ours) & set(theirs):
            mine, taken = ours[field][1], theirs[field]
            if not leaves(mine) <= leaves(taken):
                found.append(f"{name}.{field}: sends {leaves(mine)}, the server takes {leaves(taken)}")
            if mine.literals is not None and mine.literals != taken.literals:
                found.append(f"{name}.{field}: {mine.literals ^ (taken.literals or frozenset())}")
    assert found == []


def test_what_is_sent_is_what_the_server_takes(served: dict[str, Any]) -> None:
    bodies = {name: _body(operation, served) for name, operation in operations(served) if "requestBody" in operation}
    for name, type_ in BODIES.items():
        ours, theirs = _kind(type_).fields or {}, bodies[name].fields or {}
        assert {field: required for field, (required, _) in ours.items()} == {
            field: required for field, (required, _) in theirs.items()
        }, name
    outcome = _item(bodies["createOutcomes"], "outcomes")
    ours = _kind(models.Outcome).fields or {}
    assert {field for field, (required, _) in ours.items() if required} == {
        field for field, (required, _) in outcome.items() if required
    }
    assert set(ours) == set(outcome)
    for field, (_, kind) in ours.items():
        assert leaves(kind) <= leaves(outcome[field][1]), field
    batch = next(each for each in bodies["createGrades"].options if each.fields is not None and "grades" in each.fields)
    orders = (batch.fields or {})["grades"][1].of
    assert orders is not None
    assert [set(each.fields or {}) for each in orders.options] == [{"task", "patch"}, {"task", "patch_base64"}]


def test_every_name_of_a_path_and_header_is_one_that_the_client_sends(served: dict[str, Any]) -> None:
    known = {"task", "lease", "grade", "format", "wait", "idempotency-key", "range", "if-range", "if-none-match"}
    for name, operation in operations(served):
        if name in QUERIES:
            continue
        assert {each["name"] for each in operation.get("parameters", [])} <= known, name


def test_both_clients_have_the_same_methods() -> None:
    def methods(client: type) -> dict[str, list[str]]:
        members = inspect.getmembers(client, inspect.isfunction)
        return {name: list(inspect.signature(each).parameters) for name, each in members if not name.startswith("_")}

    ours, twin = methods(AsyncQuarry), methods(Quarry)
    assert twin == {("close" if name == "aclose" else name): parameters for name, parameters in ours.items()}


def test_a_drift_is_seen() -> None:
    class Ours(models.Model):
        kept: str
        gone: int
        loose: str
        closed: str
        nested: dict[str, int]

    theirs = {
        "type": "object",
        "required": ["kept", "loose", "closed", "nested"],
        "properties": {
            "kept": {"type": ["string", "null"]},
            "new": {"type": "string"},
            "loose": {"type": "string", "enum": ["a"]},
            "closed": {"type": "string", "format": "date-time"},
            "nested": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }
    found = set(differences(_kind(Ours), kind_of(theirs, {}), ""))
    assert found == {
        ".kept: null is allowed by the server",
        ".gone: the server knows no such field",
        ".new: is not here",
        ".closed: string here, time at the server",
        ".nested{}: integer here, string at the server",
    }


def _with_listed(lease: Kind, listed: Kind) -> Kind:
    """A lease's tasks have the keys of a list besides their own."""
    fields = dict(lease.fields or {})
    required, tasks = fields["tasks"]
    assert tasks.of is not None
    whole = replace(tasks.of, fields={**(listed.fields or {}), **(tasks.of.fields or {})})
    return replace(lease, fields={**fields, "tasks": (required, replace(tasks, of=whole))})


def _kind(type_: Any) -> Kind:
    get_type_hints(type_)
    schema = pydantic.TypeAdapter(type_).json_schema()
    return kind_of(schema, schema)


def _asked(operation: Mapping[str, Any], served: Mapping[str, Any]) -> dict[str, Kind]:
    if "requestBody" in operation:
        return {name: kind for name, (_, kind) in (_body(operation, served).fields or {}).items()}
    queries = [each for each in operation.get("parameters", []) if each["in"] == "query"]
    return {each["name"]: kind_of(each["schema"], served) for each in queries}


def _body(operation: Mapping[str, Any], served: Mapping[str, Any]) -> Kind:
    return kind_of(operation["requestBody"]["content"]["application/json"]["schema"], served)


def _item(body: Kind, name: str) -> Mapping[str, tuple[bool, Kind]]:
    items = (body.fields or {})[name][1].of
    assert items is not None
    assert items.fields is not None
    return items.fields
