"""Running the same work over many blocks: in this process, or in a pool of spawned workers; results in order."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import platform
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from dmig.pipeline.measure import resident_mib
from dmig.store.private import read_json, write_json

T = TypeVar("T")
#: A worker that holds no more than this between two blocks is left alone: giving memory back costs time.
KEPT_MIB = 380
#: The C library where it can be asked to return memory to the system.
_LIBC = ctypes.CDLL("libc.so.6") if sys.platform == "linux" and platform.libc_ver()[0] == "glibc" else None


def once(mark: Path, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The result of a block's work, which is done only if its mark (written last) is not there yet."""
    if mark.exists():
        found: dict[str, Any] = read_json(mark)
        return {**found, "reused": True}
    result = work()
    write_json(mark, result, durable=False, indent=None)
    return {**result, "reused": False}


class Workers:
    """A pool that starts at the first use, or none at all for one worker."""

    def __init__(self, count: int, prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self.count = count
        self.on_block: Callable[[], None] = lambda: None
        self._prepare, self._arguments = prepare, arguments
        self._pool: ProcessPoolExecutor | None = None
        self._prepared = False

    def start(self, work: Callable[[T], dict[str, Any]], items: Iterable[T]) -> list[Callable[[], dict[str, Any]]]:
        """Begin work on all items; each promise gives its result, once it is there."""
        if self.count <= 1:
            self._prepare_here()
            return [partial(self._now, work, item) for item in items]
        pool = self._start()
        return [partial(self._then, pool.submit(_worked, work, item)) for item in items]

    def _now(self, work: Callable[[T], dict[str, Any]], item: T) -> dict[str, Any]:
        return self._done(work(item))

    def _then(self, future: Future[dict[str, Any]]) -> dict[str, Any]:
        return self._done(future.result())

    def _prepare_here(self) -> None:
        if not self._prepared:
            self._prepare(*self._arguments)
            self._prepared = True

    def map(self, work: Callable[[T], dict[str, Any]], items: Iterable[T]) -> Iterator[dict[str, Any]]:
        """Results in the order of the items, with at most a few blocks under way per worker."""
        if self.count <= 1:
            self._prepare_here()
            for item in items:
                yield self._done(work(item))
            return
        pool, waiting = self._start(), list[Future[dict[str, Any]]]()
        for item in items:
            waiting.append(pool.submit(_worked, work, item))
            if len(waiting) > 2 * self.count:
                yield self._done(waiting.pop(0).result())
        for future in waiting:
            yield self._done(future.result())

    def _done(self, result: dict[str, Any]) -> dict[str, Any]:
        self.on_block()
        return result

    def at_home(self, extra_steps: tuple[object, ...]) -> Workers:
        """These workers, or none beside this process: steps handed over by a caller may not travel to another one."""
        if not extra_steps or self.count <= 1:
            return self
        own = Workers(1, self._prepare, self._arguments)
        own.on_block = self.on_block
        return own

    def anew(self) -> Workers:
        """The pool with new processes: what others left in their allocators goes back to the system first."""
        self.close()
        return self

    def close(self) -> None:
        """Stop the pool."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _start(self) -> ProcessPoolExecutor:
        if self._pool is None:
            os.environ.setdefault("POLARS_MAX_THREADS", "1")
            self._pool = ProcessPoolExecutor(
                self.count, multiprocessing.get_context("spawn"), _begin, (self._prepare, *self._arguments)
            )
        return self._pool


def _worked(work: Callable[[T], dict[str, Any]], item: T) -> dict[str, Any]:
    """One block's work in a worker, which gives back what it no longer needs: several allocators keep it otherwise."""
    result = work(item)
    if resident_mib() > KEPT_MIB:
        pa.default_memory_pool().release_unused()
        if _LIBC is not None:
            _LIBC.malloc_trim(0)
    return result


def _begin(prepare: Callable[..., None], *arguments: Any) -> None:
    """First thing in a worker: end with the main process, however it ends, then prepare."""
    os.umask(0o077)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepare(*arguments)


def _end_with_parent() -> None:
    """An orphan would hold memory and could write into a folder that a resumed run believes its own."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
