"""The same answers as towlctl, in Python's types. Run by pytest; what needs pyarrow, pandas, polars or duckdb is skipped
without them."""

import subprocess
from datetime import datetime, timedelta, timezone

import pytest
import towl


def test_entries_are_those_of_cat(store, towlctl):
    entries = list(towl.open(store))
    cat = subprocess.run([towlctl, "cat", "--store", store, "-o", "cat"], capture_output=True, check=True)
    assert len(entries) == 2011
    assert [entry.message for entry in entries] == cat.stdout.decode("utf-8", "replace").splitlines()


def test_an_entry_says_what_it_is(store):
    entry = next(iter(towl.open(store).query("broke")))
    assert (entry.sender, entry.level, entry.message) == ("db-1", "err", "it broke")
    assert entry.fields["STATUS"] == "500"
    assert entry.address == f"towl://{entry.file_uuid}/{entry.ordinal}"
    assert abs(datetime.now(timezone.utc) - entry.time) < timedelta(hours=1)


def test_queries_bounds_and_limits(store):
    opened = towl.open(store)
    assert opened.file_count >= 1
    assert len(list(opened.query("level:error"))) == 10
    assert len(list(opened.query(limit=7))) == 7
    assert len(list(opened.query("entry", limit=7))) == 7
    assert len(list(opened.query(until="-1h"))) == 0
    assert len(list(opened.query(since=datetime.now(timezone.utc) - timedelta(hours=1)))) == 2011


@pytest.mark.parametrize("options", [{"query": "level:["}, {"since": "the other day"}, {"columns": ["time", "time"]}])
def test_what_cannot_be_is_an_error(store, options):
    with pytest.raises(towl.Error):
        towl.open(store).query(**options)


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(towl.Error, match="none"):
        towl.open(tmp_path / "none")


def test_closed(store):
    opened = towl.open(store)
    opened.close()
    with pytest.raises(towl.Error, match="closed"):
        opened.query()


def test_damage_is_told_and_hides_nothing_else(store, tmp_path):
    (tmp_path / "7.towl").write_bytes(b"no towl file" * 400)
    for file in store.glob("*.towl"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.warns(towl.LossWarning, match="7.towl"):
        assert len(list(towl.open(tmp_path))) == 2011


def test_to_arrow(store):
    pyarrow = pytest.importorskip("pyarrow")
    table = towl.open(store).to_arrow(columns=["time", "sender", "message", "STATUS", "ordinal"])
    table.validate(full=True)
    assert table.num_rows == 2011
    assert table.schema.field("time").type == pyarrow.timestamp("ns", "UTC")
    assert table.schema.field("message").type == pyarrow.large_string()
    assert table.column("message")[3].as_py() == "entry 3"
    assert table.column("message")[2000].as_py() == "not \ufffd UTF-8"
    assert table.column("STATUS").null_count == 2001
    assert table.column("STATUS")[2010].as_py() == "500"


def test_bytes_stay_bytes(store):
    pytest.importorskip("pyarrow")
    table = towl.open(store).to_arrow(columns=["message"], binary=True)
    assert table.column("message")[2000].as_py() == b"not \xff UTF-8"


def test_to_pandas(store):
    pytest.importorskip("pyarrow")
    pytest.importorskip("pandas")
    frame = towl.open(store).to_pandas(query="level:error", columns=["time", "sender"])
    assert list(frame["sender"].unique()) == ["db-1"]


def test_to_polars(store):
    pytest.importorskip("polars")
    frame = towl.open(store).to_polars()
    assert frame.height == 2011


def test_duckdb_reads_the_stream(store):
    duckdb = pytest.importorskip("duckdb")
    pyarrow = pytest.importorskip("pyarrow")
    reader = pyarrow.RecordBatchReader.from_stream(towl.open(store).query("level:error"))  # noqa: F841
    assert duckdb.sql("SELECT count(*) FROM reader").fetchall() == [(10,)]


def test_a_stream_that_nobody_reads_is_freed(store):
    for _ in range(100):
        towl.open(store).query("entry").__arrow_c_stream__()
