"""What the two clients wait by: each name here has a twin without `async_`."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def async_pause(seconds: float) -> None:
    """Waits, and lets others work meanwhile."""
    await asyncio.sleep(seconds)


def pause(seconds: float) -> None:
    """Waits."""
    time.sleep(seconds)


async def async_in_thread(work: Callable[[], T]) -> T:
    """Work that blocks, in a thread, so that others go on."""
    return await asyncio.to_thread(work)


def in_thread(work: Callable[[], T]) -> T:
    """The same for who blocks anyway."""
    return work()


class AsyncRepeated:
    """Calls something every so often until it is stopped, or it says that there is no more to do."""

    def __init__(self, seconds: float, work: Callable[[], Awaitable[bool]]) -> None:
        """`work` gives whether to go on; it must not raise."""
        self._seconds = seconds
        self._work = work
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            if not await self._work():
                return

    async def stop(self) -> None:
        """Ends it, and waits for what is under way."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


class Repeated:
    """The same in a thread, which does not keep the program alive."""

    def __init__(self, seconds: float, work: Callable[[], bool]) -> None:
        """`work` gives whether to go on; it must not raise."""
        self._seconds = seconds
        self._work = work
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="quarry-lease", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            if not self._work():
                return

    def stop(self) -> None:
        """Ends it, and waits for what is under way."""
        self._stopped.set()
        self._thread.join()
