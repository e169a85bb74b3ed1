"""The server's OpenAPI document, and schemas of either side brought into one form so that they can be compared."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

Schema = Mapping[str, Any]


def load() -> dict[str, Any]:
    """That of the served instance where there is one, else the one in the repository."""
    url = os.environ.get("QUARRY_URL")
    if url is not None:
        served: dict[str, Any] = httpx.get(f"{url}/openapi.json").raise_for_status().json()
        return served
    kept = Path(__file__).parents[3] / "docs" / "openapi.json"
    read: dict[str, Any] = json.loads(kept.read_text())
    return read


@dataclass(frozen=True)
class Kind:
    """What a value may be."""

    name: str
    """`object`, `map`, `array`, `string`, `time`, `integer`, `number`, `boolean`, `any`, or `union`."""
    nullable: bool = False
    literals: frozenset[object] | None = None
    fields: Mapping[str, tuple[bool, Kind]] | None = None
    """Of an object: name → whether it must be there, and what it is."""
    of: Kind | None = None
    """Of an array, or of the values of a map."""
    options: tuple[Kind, ...] = ()


def kind_of(schema: Schema | bool, root: Schema) -> Kind:
    """A JSON Schema as a `Kind`; `root` has what it refers to."""
    if isinstance(schema, bool):
        return Kind("any")
    while "$ref" in schema:
        schema = _at(root, schema["$ref"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return _union([kind_of(each, root) for each in schema[word]])
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return kind_of(schema["allOf"][0], root)
    types = schema.get("type")
    if isinstance(types, list):
        return _union([kind_of({**schema, "type": each}, root) for each in types])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        whole = all(isinstance(each, int) for each in values)
        return Kind("integer" if whole else types or "string", literals=frozenset(values))
    if types == "null":
        return Kind("any", nullable=True, literals=frozenset())
    if types == "object" or "properties" in schema:
        return _object(schema, root)
    if types == "array":
        return Kind("array", of=kind_of(schema.get("items", {}), root))
    if types == "string" and schema.get("format") == "date-time":
        return Kind("time")
    return Kind(types or "any")


def _object(schema: Schema, root: Schema) -> Kind:
    properties = schema.get("properties")
    if properties is None:
        return Kind("map", of=kind_of(schema.get("additionalProperties", {}), root))
    required = set(schema.get("required", []))
    fields = {name: (name in required, kind_of(each, root)) for name, each in properties.items()}
    return Kind("object", fields=fields)


def _union(options: list[Kind]) -> Kind:
    real = [each for each in options if not (each.nullable and each.literals == frozenset())]
    nullable = len(real) < len(options) or any(each.nullable for each in real)
    if real and all(each.literals is not None and each.name == real[0].name for each in real):
        literals = frozenset().union(*(each.literals or frozenset() for each in real))
        return Kind(real[0].name, nullable=nullable, literals=literals)
    if len(real) == 1:
        only = real[0]
        return Kind(only.name, nullable, only.literals, only.fields, only.of, only.options)
    return Kind("union", nullable=nullable, options=tuple(real))


def _at(root: Schema, reference: str) -> Schema:
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    read: Schema = found
    return read


def differences(ours: Kind, theirs: Kind, path: str) -> Iterator[str]:
    """What a client that reads `ours` would get wrong of a server that writes `theirs`."""
    if ours.nullable != theirs.nullable:
        yield f"{path}: null is {'' if theirs.nullable else 'not '}allowed by the server"
    if ours.name == "any" and ours.literals is None:
        return
    if ours.name != theirs.name:
        yield f"{path}: {ours.name} here, {theirs.name} at the server"
        return
    # A list of words that may grow is plain text here; one that is closed here is the server's.
    if ours.literals is not None and ours.literals != theirs.literals:
        yield f"{path}: {sorted(map(str, ours.literals))} here, {sorted(map(str, theirs.literals or []))} at the server"
    if ours.of is not None and theirs.of is not None:
        yield from differences(ours.of, theirs.of, f"{path}{'[]' if ours.name == 'array' else '{}'}")
    if ours.fields is not None and theirs.fields is not None:
        yield from _field_differences(ours.fields, theirs.fields, path)


def _field_differences(
    ours: Mapping[str, tuple[bool, Kind]], theirs: Mapping[str, tuple[bool, Kind]], path: str
) -> Iterator[str]:
    for name in sorted({*ours, *theirs}):
        where = f"{path}.{name}"
        if name not in theirs:
            yield f"{where}: the server knows no such field"
        elif name not in ours:
            yield f"{where}: is not here"
        else:
            (_, our_kind), (required, their_kind) = ours[name], theirs[name]
            # What may be left out is None here.
            optional = Kind(**{**vars(their_kind), "nullable": their_kind.nullable or not required})
            yield from differences(our_kind, optional, where)


def leaves(kind: Kind) -> set[str]:
    """The plain kinds that a value may be, a list's among them: what may be sent."""
    if kind.name == "union":
        return set().union(*(leaves(each) for each in kind.options))
    if kind.name == "array":
        return {"array", *(leaves(kind.of) if kind.of is not None else ())}
    # What takes any number takes whole ones.
    return {"time": {"string"}, "number": {"number", "integer"}}.get(kind.name, {kind.name})
