"""libtowl_c by ctypes: its functions, and the structures of the Arrow C interfaces."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any, List, Optional


class ArrowSchema(ctypes.Structure):
    pass


ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowSchema))),
    ("dictionary", ctypes.POINTER(ArrowSchema)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowSchema))),
    ("private_data", ctypes.c_void_p),
]


class ArrowArray(ctypes.Structure):
    pass


ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowArray))),
    ("dictionary", ctypes.POINTER(ArrowArray)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowArray))),
    ("private_data", ctypes.c_void_p),
]


class ArrowArrayStream(ctypes.Structure):
    pass


ArrowArrayStream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ArrowArrayStream), ctypes.POINTER(ArrowSchema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ArrowArrayStream), ctypes.POINTER(ArrowArray))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(ArrowArrayStream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowArrayStream))),
    ("private_data", ctypes.c_void_p),
]


class QueryOptions(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("query", ctypes.c_char_p),
        ("since", ctypes.c_char_p),
        ("until", ctypes.c_char_p),
        ("columns", ctypes.c_char_p),
        ("threads", ctypes.c_uint32),
        ("batch_rows", ctypes.c_uint32),
        ("limit", ctypes.c_uint64),
        ("binary", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


def _paths() -> List[str]:
    named = os.environ.get("TOWL_C_LIB")
    if named:
        return [named]
    return [str(Path(__file__).parent / "libtowl_c.so.1"), "libtowl_c.so.1"]


def _load() -> ctypes.CDLL:
    errors = []
    for path in _paths():
        try:
            library = ctypes.CDLL(path)
            break
        except OSError as error:
            errors.append(str(error))
    else:
        raise ImportError(
            "libtowl_c.so.1 is not there: `pip install ./python` of towl's sources builds it; or name one in "
            "TOWL_C_LIB (" + "; ".join(errors) + ")"
        )
    error = ctypes.POINTER(ctypes.c_void_p)
    library.towl_version.restype = ctypes.c_char_p
    library.towl_open.argtypes = [ctypes.c_char_p, error]
    library.towl_open.restype = ctypes.c_void_p
    library.towl_close.argtypes = [ctypes.c_void_p]
    library.towl_close.restype = None
    library.towl_file_count.argtypes = [ctypes.c_void_p, error]
    library.towl_file_count.restype = ctypes.c_int64
    library.towl_query.argtypes = [ctypes.c_void_p, ctypes.POINTER(QueryOptions), ctypes.POINTER(ArrowArrayStream), error]
    library.towl_query.restype = ctypes.c_int
    library.towl_losses.argtypes = [ctypes.POINTER(ArrowArrayStream)]
    library.towl_losses.restype = ctypes.c_void_p
    library.towl_free.argtypes = [ctypes.c_void_p]
    library.towl_free.restype = None
    return library


library = _load()


def take_text(pointer: Optional[int]) -> Optional[str]:
    """The text at an address that towl_free() is due for."""
    if not pointer:
        return None
    try:
        return ctypes.string_at(pointer).decode("utf-8", "replace")
    finally:
        library.towl_free(pointer)


_CAPSULE_NAME = b"arrow_array_stream"
_destructor_type = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, _destructor_type]
_new_capsule.restype = ctypes.py_object
_capsule_pointer = ctypes.PyDLL(None).PyCapsule_GetPointer
_capsule_pointer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
_capsule_pointer.restype = ctypes.c_void_p
_streams: dict = {}


@_destructor_type
def _drop_capsule(capsule: int) -> None:
    address = _capsule_pointer(capsule, _CAPSULE_NAME)
    stream = _streams.pop(address, None)
    # Who has taken the stream over has set `release` to nothing.
    if stream is not None and stream.release:
        stream.release(ctypes.byref(stream))


def capsule_of(stream: ArrowArrayStream) -> Any:
    """A PyCapsule that owns the stream: https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html"""
    address = ctypes.addressof(stream)
    _streams[address] = stream
    return _new_capsule(address, _CAPSULE_NAME, _drop_capsule)
