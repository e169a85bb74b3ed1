"""The blocking client: made from `_sync.py` by `scripts/make_sync.py`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pydantic
from typing_extensions import Self, Unpack

from ._sync_lease import Lease
from ._pause import in_thread, pause
from ._requests import (
    LONGEST_WAIT,
    Download,
    batches,
    endpoint,
    merged,
    order,
    outcome_batches,
    present,
    read,
    read_json,
    task_path,
    unreachable,
)
from ._retries import RetryPolicy, is_retried
from .errors import GradeNotDone, error_of
from .filters import ExportQuery, LeaseRequest, LedgerQuery, RepositoryQuery, SuspectQuery, TaskFilter, TaskQuery, as_json
from .models import (
    Candidate,
    CandidatePage,
    Certificate,
    Grade,
    GradesAnswer,
    LeaseInfo,
    Outcome,
    OutcomesAnswer,
    Repository,
    RepositoryPage,
    Solution,
    Stats,
    Suspect,
    SuspectPage,
    Task,
    TaskDetail,
    TaskEnvironment,
    TaskPage,
    TaskSolveRates,
    TaskTests,
    TaskVersions,
)
from .snapshots import digest_of, folder_to_be, take_place, unpack, verify

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


class Quarry:
    """A client of one server, as `with Quarry(url, token) as quarry`.

    Every request is sent again where that is safe: on a broken connection, 429 and 503, with the time that the server
    names or a growing one. Errors are `QuarryError`s.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        retries: RetryPolicy | None = None,
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Without `url` and `token` those of the environment: QUARRY_URL and QUARRY_TOKEN. `timeout`: of silence."""
        self.url, secret = endpoint(url, token)
        self._retries = retries or RetryPolicy()
        self._http = httpx.Client(
            base_url=self.url,
            headers={"authorization": f"Bearer {secret}", "user-agent": "quarry-client/0.1.0"},
            timeout=httpx.Timeout(timeout),
            limits=httpx.Limits(max_connections=64),
            transport=transport,
        )

    def __enter__(self) -> Self:
        """Closes the connections at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the connections."""
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    # Tasks

    def tasks(self, *, limit: int | None = None, cursor: str | None = None, **query: Unpack[TaskQuery]) -> TaskPage:
        """One page of tasks that match, 100 by default and 1000 at most. `cursor`: `next_cursor` of the page before."""
        body = as_json(merged(query, limit=limit, cursor=cursor))
        return self._post(TaskPage, "/v1/tasks/search", body)

    def iterate(self, *, page_size: int = 1000, **query: Unpack[TaskQuery]) -> Iterator[Task]:
        """All tasks that match, page by page: a page that fails is asked for again, and the rest goes on after it."""
        cursor: str | None = None
        while True:
            page = self.tasks(limit=page_size, cursor=cursor, **query)
            for task in page.tasks:
                yield task
            cursor = page.next_cursor
            if cursor is None:
                return

    def stream(self, **query: Unpack[TaskQuery]) -> Iterator[Task]:
        """All tasks that match, in one answer: the fastest way to many.

        Where it breaks off it is asked for again, and what was given already is left out.
        """
        body = as_json(query)
        seen: set[str] = set()
        failures = 0
        while True:
            try:
                for task in self._lines(body):
                    failures = 0
                    if task.id not in seen:
                        seen.add(task.id)
                        yield task
                return
            except httpx.TransportError as error:
                failures += 1
                self._pause_after(failures, error)

    def _lines(self, body: dict[str, object]) -> Iterator[Task]:
        accept = {"accept": "application/x-ndjson"}
        with self._open("POST", "/v1/tasks/search", json=body, headers=accept) as response:
            for line in response.iter_lines():
                if line:
                    yield read_json(Task, line)

    def task(self, task: str | Task) -> TaskDetail:
        """A task by its name: the newest revision, or that of `name@2`."""
        return self._get(TaskDetail, task_path(task))

    def environment(self, task: str | Task) -> TaskEnvironment:
        """What to install, and how to build and test."""
        return self._get(TaskEnvironment, task_path(task, "/environment"))

    def environment_layer(self, task: str | Task, file: str | Path) -> Path:
        """Downloads the installed layer of a task's environment, a tar.zst; gives the file."""
        return self._fetch(task_path(task, "/environment/layer"), {}, Path(file))

    def tests(self, task: str | Task) -> TaskTests:
        """The tests by name, and the test patch; needs the scope tests:read."""
        return self._get(TaskTests, task_path(task, "/tests"))

    def solution(self, task: str | Task) -> Solution:
        """The fix; needs the scope solutions:read."""
        return self._get(Solution, task_path(task, "/solution"))

    def certificate(self, task: str | Task) -> Certificate:
        """The evidence for a task: every run and verdict, and what its content hash is made of."""
        return self._get(Certificate, task_path(task, "/certificate"))

    def versions(self, task: str | Task) -> TaskVersions:
        """Its revisions, and what happened to each."""
        return self._get(TaskVersions, task_path(task, "/versions"))

    def solve_rates(self, task: str | Task) -> TaskSolveRates:
        """How often it was solved, overall and by each model."""
        return self._get(TaskSolveRates, task_path(task, "/solve-rates"))

    # Snapshots

    def checkout(self, task: str | Task, folder: str | Path) -> Path:
        """Puts the work tree that an agent starts from into a folder that is empty or not there yet; gives its path.

        The archive's sha256 and the commit's id are checked, and the folder is whole or not there.
        """
        target = Path(folder)
        with folder_to_be(target) as scratch:
            archive = scratch / "archive"
            headers = self._download(task_path(task, "/snapshot"), {"format": "tar"}, archive)
            tree = scratch / "snapshot"

            def lay_out() -> None:
                verify(archive, digest_of(headers))
                unpack(archive, tree, headers.get("quarry-commit"))
                take_place(tree, target)

            in_thread(lay_out)
        return target

    def bundle(self, task: str | Task, file: str | Path) -> Path:
        """Downloads the snapshot as a file that `git clone` takes; gives the file."""
        return self._fetch(task_path(task, "/snapshot"), {"format": "bundle"}, Path(file))

    # Leases

    def lease(
        self,
        consumer: str,
        count: int,
        *,
        ttl_seconds: int = 3600,
        attempts: int = 1,
        again_after_seconds: int | None = None,
        **filter: Unpack[TaskFilter],  # noqa: A002 - the API's own word
    ) -> Lease:
        """Tasks that this consumer was never served, as `with quarry.lease("trainer", 8) as lease`.

        The lease is taken when the block begins and renewed while it runs. At its end its tasks are completed; those of a
        block that an error ends are given back.
        """
        body: LeaseRequest = {
            "consumer": consumer,
            "count": count,
            "ttl_seconds": ttl_seconds,
            "attempts": attempts,
            "filter": filter,
        }
        if again_after_seconds is not None:
            body["again_after_seconds"] = again_after_seconds
        return Lease(self, body, ttl_seconds)

    def create_lease(self, body: LeaseRequest) -> LeaseInfo:
        """Takes a lease that nobody renews: `lease` is easier."""
        return self._post(
            LeaseInfo, "/v1/leases", {**body, "filter": as_json(body.get("filter", {}))}, key=str(uuid.uuid4())
        )

    def get_lease(self, lease: str) -> LeaseInfo:
        """A lease as it is now."""
        return self._get(LeaseInfo, f"/v1/leases/{lease}")

    def renew_lease(self, lease: str, ttl_seconds: int | None = None) -> LeaseInfo:
        """Lets it end so many seconds from now on, or as many as it was taken for."""
        return self._post(LeaseInfo, f"/v1/leases/{lease}/renew", present(ttl_seconds=ttl_seconds))

    def release_lease(self, lease: str, tasks: Sequence[str] | None = None) -> LeaseInfo:
        """Gives tasks back, or all that are out: they will be served again."""
        return self._post(LeaseInfo, f"/v1/leases/{lease}/release", present(tasks=tasks))

    def complete_lease(self, lease: str, tasks: Sequence[str] | None = None) -> LeaseInfo:
        """Marks tasks as served, or all that are out."""
        return self._post(LeaseInfo, f"/v1/leases/{lease}/complete", present(tasks=tasks))

    # Grades

    def submit(self, patches: Iterable[tuple[str | Task, str | bytes]]) -> list[Grade]:
        """Has patches graded, as many as you like, and does not wait: grades in the order of the patches."""
        grades: list[Grade] = []
        for batch in batches(order(task, patch) for task, patch in patches):
            answer = self._post(GradesAnswer, "/v1/grades", {"grades": batch}, key=str(uuid.uuid4()))
            grades.extend(answer.grades)
        return grades

    def get_grade(self, grade: str | Grade, *, wait: int = 0) -> Grade:
        """A grade as it is now, or once it is done, but after `wait` seconds (at most 60) at the latest."""
        id = grade if isinstance(grade, str) else grade.grade  # noqa: A001
        return self._get(Grade, f"/v1/grades/{id}", present(wait=wait or None), quiet=wait)

    def wait(self, grade: str | Grade, timeout: float | None = None) -> Grade:
        """The grade once it is done. Raises `GradeNotDone` after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            left = LONGEST_WAIT if until is None else max(0, int(until - time.monotonic()))
            found = self.get_grade(grade, wait=min(LONGEST_WAIT, left))
            if found.done:
                return found
            if until is not None and time.monotonic() >= until:
                raise GradeNotDone(f"grade {found.grade} is still {found.state}")

    def grade(self, task: str | Task, patch: str | bytes, *, timeout: float | None = None) -> Grade:
        """Grades one patch, and waits for it. A fault has the reward None: it is no attempt."""
        (grade,) = self.submit([(task, patch)])
        return grade if grade.done else self.wait(grade, timeout)

    def grade_all(
        self, patches: Iterable[tuple[str | Task, str | bytes]], *, timeout: float | None = None
    ) -> list[Grade]:
        """Grades many patches at once, and waits for all of them: grades in the order of the patches."""
        until = None if timeout is None else time.monotonic() + timeout
        done: list[Grade] = []
        for grade in self.submit(patches):
            left = None if until is None else max(0.0, until - time.monotonic())
            done.append(grade if grade.done else self.wait(grade, left))
        return done

    def grade_log(self, grade: str | Grade) -> str:
        """The end of what its builds and tests printed; needs the scope tests:read."""
        id = grade if isinstance(grade, str) else grade.grade  # noqa: A001
        return (self._send("GET", f"/v1/grades/{id}/log")).text

    # Outcomes and exports

    def report(self, outcomes: Iterable[Outcome]) -> int:
        """Reports attempts, as many as you like; gives how many were stored. Leave faults out: they are no attempts."""
        stored = 0
        for batch in outcome_batches(outcomes):
            answer = self._post(OutcomesAnswer, "/v1/outcomes", {"outcomes": batch}, key=str(uuid.uuid4()))
            stored += answer.stored
        return stored

    def export(
        self,
        format: str,  # noqa: A002 - the API's own word
        file: str | Path,
        *,
        limit: int | None = None,
        **query: Unpack[ExportQuery],
    ) -> Path:
        """Downloads the tasks that match in a format such as `swebench` or `parquet`; gives the file.

        Needs the scopes tasks:read, tests:read and solutions:read.
        """
        params = {"format": format, **as_json(merged(query, limit=limit))}
        return self._fetch("/v1/export", params, Path(file))

    # For operators

    def stats(self) -> Stats:
        """How much there is; like all below it needs the scope operate."""
        return self._get(Stats, "/v1/stats")

    def candidates(self, **query: Unpack[LedgerQuery]) -> Iterator[Candidate]:
        """The ledger, newest first: what became of every merged pull, page by page."""
        cursor: str | None = None
        while True:
            page = self._get(CandidatePage, "/v1/candidates", merged(query, limit=1000, cursor=cursor))
            for candidate in page.candidates:
                yield candidate
            cursor = page.next_cursor
            if cursor is None:
                return

    def suspects(self, **query: Unpack[SuspectQuery]) -> Iterator[Suspect]:
        """Tests that may refuse right patches, those with the most patches first, page by page."""
        cursor: str | None = None
        while True:
            page = self._get(SuspectPage, "/v1/suspects", merged(query, limit=1000, cursor=cursor))
            for suspect in page.suspects:
                yield suspect
            cursor = page.next_cursor
            if cursor is None:
                return

    def repositories(self, **query: Unpack[RepositoryQuery]) -> Iterator[Repository]:
        """Repositories by name, page by page."""
        cursor: str | None = None
        while True:
            page = self._get(RepositoryPage, "/v1/repositories", merged(query, limit=1000, cursor=cursor))
            for repository in page.repositories:
                yield repository
            cursor = page.next_cursor
            if cursor is None:
                return

    # Requests

    def _get(
        self, model: type[ModelT], path: str, params: dict[str, object] | None = None, *, quiet: float = 0
    ) -> ModelT:
        return read(model, self._send("GET", path, params=params, quiet=quiet))

    def _post(self, model: type[ModelT], path: str, body: dict[str, object], *, key: str | None = None) -> ModelT:
        """`key`: one for the request, however often it is sent, so that it is carried out once."""
        headers = {} if key is None else {"idempotency-key": key}
        return read(model, self._send("POST", path, json=body, headers=headers))

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, object] | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
        quiet: float = 0,
    ) -> httpx.Response:
        """`quiet`: seconds that the server may take before it says anything."""
        timeout = self._http.timeout
        patient = httpx.Timeout(timeout.connect, read=None if timeout.read is None else timeout.read + quiet)
        request = self._http.build_request(
            method, path, params=_params(params), json=json, headers=headers, timeout=patient
        )
        return self._answer(request, stream=False)

    def _answer(self, request: httpx.Request, *, stream: bool) -> httpx.Response:
        failures = 0
        while True:
            failures += 1
            try:
                response = self._http.send(request, stream=stream)
            except httpx.TransportError as error:
                self._pause_after(failures, error)
                continue
            if response.is_success:
                return response
            response.read()
            failure = error_of(response)
            wait = self._retries.wait_before(failures, failure.retry_after) if is_retried(response) else None
            if wait is None:
                raise failure
            pause(wait)

    def _pause_after(self, failures: int, error: httpx.TransportError) -> None:
        wait = self._retries.wait_before(failures, None)
        if wait is None:
            raise unreachable(self.url, error) from error
        pause(wait)

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, object] | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        request = self._http.build_request(method, path, params=_params(params), json=json, headers=headers)
        response = self._answer(request, stream=True)
        try:
            yield response
        finally:
            response.close()

    def _fetch(self, path: str, params: dict[str, object], file: Path) -> Path:
        """Whole, or not there; checked where the server says what it must be."""
        partial = file.with_name(f".{file.name}.{uuid.uuid4().hex[:12]}")
        try:
            headers = self._download(path, params, partial)
            if "repr-digest" in headers:
                in_thread(lambda: verify(partial, digest_of(headers)))
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
        return file

    def _download(self, path: str, params: dict[str, object], file: Path) -> dict[str, str]:
        """Until it is whole: a download that breaks off goes on where it was. Gives the headers."""
        failures = 0
        with Download(file) as download:
            while True:
                try:
                    with self._open("GET", path, params=params, headers=download.headers()) as response:
                        download.begin(response)
                        for chunk in response.iter_bytes():
                            download.write(chunk)
                            failures = 0
                        return dict(response.headers)
                except httpx.TransportError as error:
                    failures += 1
                    self._pause_after(failures, error)


def _params(params: dict[str, object] | None) -> httpx.QueryParams:
    """A name with a list is given once for each of it."""
    pairs: list[tuple[str, str | int | float | bool | None]] = []
    for name, value in (params or {}).items():
        values = value if isinstance(value, list) else [value]
        pairs.extend((name, str(each)) for each in values)
    return httpx.QueryParams(pairs)
