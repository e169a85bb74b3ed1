"""A lease as a block of code: made from `_sync_lease.py` by `scripts/make_sync.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from typing_extensions import Self

from ._pause import Repeated
from ._requests import name_of
from .errors import Conflict, LeaseLost, NotFound, QuarryError
from .models import LeasedTask, LeaseInfo, Task

if TYPE_CHECKING:
    from types import TracebackType

    from ._sync import Quarry
    from .filters import LeaseRequest


class Lease:
    """Tasks that are this consumer's until the block ends.

    Iterate over it for the tasks. `complete` and `release` settle some of them early; what is left is completed at the
    end, or given back where an error ends the block.
    """

    def __init__(self, quarry: Quarry, body: LeaseRequest, ttl_seconds: int) -> None:
        """Made by `Quarry.lease`."""
        self._quarry = quarry
        self._body = body
        self._ttl_seconds = ttl_seconds
        self._info: LeaseInfo | None = None
        self._renewing: Repeated | None = None
        self._lost: QuarryError | None = None

    @property
    def info(self) -> LeaseInfo:
        """The lease as the server last told of it."""
        if self._info is None:
            raise RuntimeError("the lease is not taken yet: it is, inside of its `with` block")
        return self._info

    @property
    def id(self) -> str:
        """What the server knows it by."""
        return self.info.lease

    @property
    def tasks(self) -> tuple[LeasedTask, ...]:
        """In the order in which they were given: fewer than asked for, or none, where there are no more."""
        return self.info.tasks

    def __iter__(self) -> Iterator[LeasedTask]:
        """Over the tasks."""
        return iter(self.tasks)

    def __len__(self) -> int:
        """How many tasks were given."""
        return len(self.tasks)

    def __enter__(self) -> Self:
        """Takes the lease, and begins to renew it."""
        self._info = self._quarry.create_lease(self._body)
        if self._info.tasks:
            self._renewing = Repeated(self._ttl_seconds / 3, self._renew)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Completes what is left, or gives it back after an error. Raises `LeaseLost` where others may have had it."""
        if self._renewing is not None:
            self._renewing.stop()
        if not self._open():
            return
        if error is not None:
            self._give_back()
            return
        self._settle(completed=True, tasks=None)

    def complete(self, *tasks: str | Task) -> None:
        """Marks some of the tasks as served. Raises `LeaseLost` where the lease is over."""
        self._settle(completed=True, tasks=[name_of(task) for task in tasks])

    def release(self, *tasks: str | Task) -> None:
        """Gives some of the tasks back. Raises `LeaseLost` where the lease is over."""
        self._settle(completed=False, tasks=[name_of(task) for task in tasks])

    def _open(self) -> bool:
        return self._lost is not None or any(task.lease_state == "leased" for task in self.tasks)

    def _settle(self, *, completed: bool, tasks: list[str] | None) -> None:
        settle = self._quarry.complete_lease if completed else self._quarry.release_lease
        try:
            self._info = settle(self.id, tasks)
        except (Conflict, NotFound) as error:
            if not _is_over(error):
                raise
            raise LeaseLost(f"the lease {self.id} was over before its tasks were settled: {error.detail}") from error

    def _give_back(self) -> None:
        """The error that ended the block is what its caller is to see; what can't be given back now comes back by time."""
        try:
            self._quarry.release_lease(self.id)
        except QuarryError as error:
            self._lost = error

    def _renew(self) -> bool:
        try:
            self._info = self._quarry.renew_lease(self.id, self._ttl_seconds)
        except (Conflict, NotFound) as error:
            self._lost = error
            return False
        except QuarryError:
            # Another try before its time is over.
            return True
        return True


def _is_over(error: Conflict | NotFound) -> bool:
    """Whether it is the lease that is over, and not a task of it that was settled before."""
    return isinstance(error, NotFound) or any(each.field == "lease" for each in error.errors)
