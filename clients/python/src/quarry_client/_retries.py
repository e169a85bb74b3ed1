"""When a request is sent again, and how long to wait until then."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

RETRIED_STATUSES = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with full jitter; a server that names a time is taken at its word."""

    attempts: int = 8
    """How often a request is sent at most."""
    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    retry_after_seconds: float = 300.0
    """A server that asks for more than this is not waited for: the error is raised at once."""
    random: Callable[[], float] = field(default=random.random, repr=False)

    def wait_before(self, attempt: int, retry_after: float | None) -> float | None:
        """Seconds to wait after the `attempt`-th try (from 1 on) failed; None: give up."""
        if attempt >= self.attempts:
            return None
        if retry_after is not None:
            return retry_after if retry_after <= self.retry_after_seconds else None
        return self.random() * min(self.longest_seconds, self.first_seconds * float(2 ** (attempt - 1)))


def is_retried(response: httpx.Response) -> bool:
    """Whether an answer says to come again."""
    return response.status_code in RETRIED_STATUSES
