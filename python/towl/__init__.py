"""Reads towl log files and stores: as entries, as Arrow, and as data frames.

    import towl
    store = towl.open("/var/lib/towl")
    for entry in store.query("level:error", since="-1h"):
        print(entry.time, entry.sender, entry.message)
    frame = store.to_pandas(query="timeout", columns=["time", "sender", "message"])

A Store may be used by one thread at a time.
"""

from __future__ import annotations

import ctypes
import json
import os
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Sequence, Union

from ._library import ArrowArray, ArrowArrayStream, QueryOptions, capsule_of, library, take_text

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["Entries", "Entry", "Error", "LossWarning", "Store", "open", "version"]

Time = Union[str, datetime, None]
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_ENTRY_COLUMNS = ("time", "sender", "level", "message", "fields", "file_uuid", "ordinal")


class Error(Exception):
    """What towl could not do, and why."""


class LossWarning(UserWarning):
    """A part of the files could not be read."""


@dataclass(frozen=True)
class Entry:
    """One log entry."""

    time_ns: int
    sender: str
    level: Optional[str]
    message: str
    fields_json: str
    file_uuid: Optional[str]
    ordinal: int

    @property
    def time(self) -> datetime:
        """When it happened, to the microsecond; time_ns has it all."""
        return _EPOCH + timedelta(microseconds=self.time_ns // 1000)

    @property
    def fields(self) -> Dict[str, Any]:
        """What it says, as its JSON has it; of a text {"MESSAGE": …}."""
        return json.loads(self.fields_json)

    @property
    def address(self) -> Optional[str]:
        """The same on the collector and on every mirror; None in files of format 1."""
        return f"towl://{self.file_uuid}/{self.ordinal}" if self.file_uuid else None


def version() -> str:
    """The library's version."""
    return library.towl_version().decode()


def open(path: Union[str, "os.PathLike[str]"]) -> "Store":
    """Opens a store or mirror (a folder), or one towl file. Raises Error."""
    return Store(path)


def _time_text(time: Time) -> Optional[bytes]:
    if time is None:
        return None
    if isinstance(time, datetime):
        time = (time if time.tzinfo else time.astimezone()).astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    return time.encode()


class Store:
    """A store, a mirror, or a file. Sees what is stored meanwhile."""

    def __init__(self, path: Union[str, "os.PathLike[str]"]) -> None:
        error = ctypes.c_void_p()
        self._handle = library.towl_open(os.fsencode(path), ctypes.byref(error))
        if not self._handle:
            raise Error(take_text(error.value))

    def close(self) -> None:
        """Frees it; answers that were begun go on."""
        if self._handle:
            library.towl_close(self._handle)
            self._handle = None

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self.close()

    @property
    def file_count(self) -> int:
        """How many files there are now."""
        error = ctypes.c_void_p()
        count = library.towl_file_count(self._checked(), ctypes.byref(error))
        if count < 0:
            raise Error(take_text(error.value))
        return count

    def query(
        self,
        query: str = "",
        *,
        since: Time = None,
        until: Time = None,
        columns: Optional[Sequence[str]] = None,
        limit: int = 0,
        threads: int = 0,
        binary: bool = False,
    ) -> "Entries":
        """The entries that a query wants: nothing is read before they are asked for."""
        if columns is not None and any("," in name for name in columns):
            raise Error("a column's name has no comma")
        return Entries(
            self,
            {
                "query": query.encode(),
                "since": _time_text(since),
                "until": _time_text(until),
                "columns": None if columns is None else ",".join(columns).encode(),
                "limit": limit,
                "threads": threads,
                "binary": 1 if binary else 0,
            },
        )

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.query())

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.query().__arrow_c_stream__(requested_schema)

    def to_arrow(self, query: str = "", **options: Any) -> "pyarrow.Table":
        """As a pyarrow.Table. Options: those of query()."""
        return self.query(query, **options).to_arrow()

    def to_pandas(self, query: str = "", **options: Any) -> "pandas.DataFrame":
        """As a pandas.DataFrame. Options: those of query()."""
        return self.query(query, **options).to_pandas()

    def to_polars(self, query: str = "", **options: Any) -> "polars.DataFrame":
        """As a polars.DataFrame. Options: those of query()."""
        return self.query(query, **options).to_polars()

    def _checked(self) -> int:
        if not self._handle:
            raise Error("the store is closed")
        return self._handle

    def _stream(self, options: Dict[str, Any]) -> ArrowArrayStream:
        asked = QueryOptions(size=ctypes.sizeof(QueryOptions), **options)
        stream = ArrowArrayStream()
        error = ctypes.c_void_p()
        if library.towl_query(self._checked(), ctypes.byref(asked), ctypes.byref(stream), ctypes.byref(error)) != 0:
            raise Error(take_text(error.value))
        return stream


class Entries:
    """The answer to a query, which is asked anew each time it is read. Offers the Arrow C stream."""

    def __init__(self, store: Store, options: Dict[str, Any]) -> None:
        self._store = store
        self._options = options
        self._check()

    def _check(self) -> None:
        stream = self._store._stream(self._options)
        stream.release(ctypes.byref(stream))

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return capsule_of(self._store._stream(self._options))

    def __iter__(self) -> Iterator[Entry]:
        options = dict(self._options, columns=",".join(_ENTRY_COLUMNS).encode(), binary=0, batch_rows=1024)
        stream = self._store._stream(options)
        try:
            while True:
                batch = ArrowArray()
                if stream.get_next(ctypes.byref(stream), ctypes.byref(batch)) != 0:
                    said = stream.get_last_error(ctypes.byref(stream))
                    raise Error(said.decode("utf-8", "replace") if said else "it could not be read")
                if not batch.release:
                    return
                try:
                    columns = [_values(batch.children[i].contents, i not in (0, 6)) for i in range(batch.n_children)]
                finally:
                    batch.release(ctypes.byref(batch))
                yield from map(Entry, *columns)
        finally:
            _warn_of_losses(stream)
            stream.release(ctypes.byref(stream))

    def to_arrow(self) -> "pyarrow.Table":
        """As a pyarrow.Table."""
        import pyarrow

        return pyarrow.RecordBatchReader.from_stream(self).read_all()

    def to_pandas(self) -> "pandas.DataFrame":
        """As a pandas.DataFrame."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> "polars.DataFrame":
        """As a polars.DataFrame."""
        import polars

        return polars.DataFrame(self)


def _values(array: ArrowArray, is_text: bool) -> List[Any]:
    """The cells of a column of text or of 64 bit numbers."""
    count = array.length
    if count == 0:
        return []
    numbers = (ctypes.c_int64 * (count + (1 if is_text else 0))).from_address(array.buffers[1])
    if not is_text:
        return list(numbers)
    size = numbers[count]
    data = ctypes.string_at(array.buffers[2], size) if size else b""
    texts: List[Optional[str]] = [data[numbers[i] : numbers[i + 1]].decode("utf-8") for i in range(count)]
    if array.null_count and array.buffers[0]:
        valid = ctypes.string_at(array.buffers[0], (count + 7) // 8)
        texts = [text if valid[i // 8] >> (i % 8) & 1 else None for i, text in enumerate(texts)]
    return texts


def _warn_of_losses(stream: ArrowArrayStream) -> None:
    losses = take_text(library.towl_losses(ctypes.byref(stream)))
    if losses:
        warnings.warn(losses.strip(), LossWarning, stacklevel=3)
