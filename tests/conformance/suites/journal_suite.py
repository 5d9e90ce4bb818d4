"""The journal's export format, there and back: `towlctl cat -o export` → systemd-journal-remote → `journalctl -o json`
says what `towlctl cat -o json` does."""
import json
import subprocess

from .harness import Results, need_program

ENTRIES = [
    {"MESSAGE": "plain", "PRIORITY": "6", "SYSLOG_IDENTIFIER": "app"},
    {"MESSAGE": "lines\nand\ttabs", "PRIORITY": "3", "_HOSTNAME": "web-1"},
    {"MESSAGE": "ünïcødé 語 \U0001F600", "FIELD_ONE": "x=y", "EMPTY": ""},
    {"MESSAGE": "control \u0001 character", "NUMBER": 5, "LIST": [1, 2], "TRUE": True},
    {"MESSAGE": " space at both ends ", "LONG": "x" * 3000},
    {"MESSAGE": "=begins with an equals sign", "A_1": "\n"},
]


def run(programs, suites):
    del suites
    remote = need_program("systemd-journal-remote")
    journalctl = need_program("journalctl")
    results = Results()
    with programs.collector() as collector:
        body = "\n".join(json.dumps(entry) for entry in ENTRIES).encode()
        status, answer = collector.request("POST", "/ingest", body, {"Content-Type": "application/x-ndjson"})
        results.check(status == 202, "POST /ingest", f"{status} {answer}")
        exported = collector.cat("-o", "export")
        ours = [json.loads(line) for line in collector.cat("-o", "json", "-a").splitlines()]
        journal = str(collector.folder / "there.journal")
        made = subprocess.run([remote, "-o", journal, "-"], input=exported, capture_output=True, timeout=60)
        results.check(made.returncode == 0, "systemd-journal-remote takes it", made.stderr.decode())
        read = subprocess.run([journalctl, "--file", journal, "-o", "json", "--all", "--no-pager"],
                              capture_output=True, timeout=60)
        theirs = [json.loads(line) for line in read.stdout.splitlines()]
        results.check(len(theirs) == len(ours) == len(ENTRIES), "as many entries", f"{len(theirs)}, {len(ours)}")
        for mine, other in zip(ours, theirs):
            for name, value in mine.items():
                if name.startswith("__") or name in ("file_uuid", "ordinal"):  # The reader's own: cursors, addresses.
                    continue
                got = other.get(name)
                text = value if isinstance(value, (str, list)) else json.dumps(value, separators=(",", ":"))
                # journalctl writes texts with control characters as arrays of their bytes.
                is_same = got in (value, text) or (isinstance(got, list) and bytes(got) == str(text).encode())
                results.check(is_same, f"{name} of {mine.get('MESSAGE')!r}", f"{got!r} is not {value!r}")
    return results
