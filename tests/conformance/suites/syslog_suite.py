"""go-syslog's table of RFC 5424 messages (github.com/influxdata/go-syslog, rfc5424/machine_test.go).

What its authors say is valid must be read as RFC 5424, with the same parts. What is not may be read by a more generous
reader, but nothing of it is lost: its bytes are in the entry.
"""
import base64
import json
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

from .harness import Results, Skipped, free_port, need, need_program

# Prints the table as JSON, from within its package.
DUMP = """package rfc5424
import ("encoding/json"; "fmt"; "testing")
func TestDumpForConformance(t *testing.T) {
	for _, c := range testCases {
		out := map[string]interface{}{"input": c.input, "valid": c.valid}
		if m, ok := c.value.(*SyslogMessage); ok && m != nil {
			out["pri"] = m.Priority; out["host"] = m.Hostname; out["app"] = m.Appname; out["pid"] = m.ProcID
			out["mid"] = m.MsgID; out["msg"] = m.Message; out["sd"] = m.StructuredData
		}
		text, _ := json.Marshal(out)
		fmt.Println("CASE " + string(text))
	}
}
"""


def table(folder):
    go = need_program("go")
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        (pathlib.Path(copy) / "rfc5424/dump_for_conformance_test.go").write_text(DUMP)
        ran = subprocess.run([go, "test", "-run", "TestDumpForConformance", "-v", "./rfc5424"], cwd=copy,
                             capture_output=True, text=True, timeout=900)
    cases = [json.loads(line[5:]) for line in ran.stdout.splitlines() if line.startswith("CASE ")]
    if not cases:
        raise Skipped("go test cannot run it: " + (ran.stderr or ran.stdout)[-200:])
    return cases


def run(programs, suites):
    folder = need(suites / "go-syslog")
    results = Results()
    port_input = '[{{ type: syslog, listen: "tcp://127.0.0.1:{port}", time_zone: UTC }}]'
    port = free_port()
    cases = [case for case in table(folder) if case["input"]]
    with programs.collector(port_input.format(port=port)) as collector:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            for case in cases:
                case["bytes"] = base64.b64decode(case["input"])
                connection.sendall(str(len(case["bytes"])).encode() + b" " + case["bytes"])
        entries = wait_for(collector, sum(1 for case in cases if case["bytes"].strip(b"\n\0")))
    at = iter(entries)
    for number, case in enumerate(cases):
        name = f"case {number}: {case['bytes'][:60]!r}"
        if not case["bytes"].strip(b"\n\0"):
            continue
        entry = next(at, None)
        if entry is None:
            results.check(False, name, "there is no entry")
        elif case["valid"]:
            results.check(*compare(case, entry, name))
        else:
            results.check(has_all(case["bytes"], entry), name, f"its bytes are not in {entry}")
    return results


def wait_for(collector, count):
    for _ in range(200):
        entries = [json.loads(line) for line in collector.cat("-o", "json", "-a").splitlines()]
        if len(entries) >= count:
            return entries
        time.sleep(0.05)
    return entries


def text_of(value):
    return bytes(value) if isinstance(value, list) else str(value if value is not None else "").encode()


def compare(case, entry, name):
    wanted = {"PRIORITY": str(case["pri"] & 7), "SYSLOG_FACILITY": str(case["pri"] >> 3)}
    for field, part in (("_HOSTNAME", "host"), ("SYSLOG_IDENTIFIER", "app"), ("SYSLOG_PID", "pid"), ("SYSLOG_MSGID", "mid")):
        if case.get(part) is not None:
            wanted[field] = case[part]
    for field, value in wanted.items():
        if text_of(entry.get(field)) != value.encode():
            return False, name, f"{field} is {entry.get(field)!r}, not {value!r}"
    if "TOWL_UNPARSED" in entry:
        return False, name, "it was not read"
    # The table comes by JSON, without bytes that are no text.
    message = (case.get("msg") or "").rstrip("\n\0").removeprefix("\ufeff")
    if readable(text_of(entry.get("MESSAGE"))).rstrip("\n\0").removeprefix("\ufeff") != message:
        return False, name, f"MESSAGE is {entry.get('MESSAGE')!r}, not {message!r}"
    for element, parameters in (case.get("sd") or {}).items():
        for parameter, value in (parameters or {}).items():
            got = entry.get(f"SD.{element}.{parameter}")
            if text_of(got) != value.encode() and "SYSLOG_RAW" not in entry:
                return False, name, f"SD.{element}.{parameter} is {got!r}, not {value!r}"
    return True, name, ""


def readable(text):
    """As Go's JSON has it: a byte that is no text is one mark."""
    return "".join("\ufffd" if "\udc80" <= c <= "\udcff" else c for c in text.decode(errors="surrogateescape"))


def has_all(bytes_, entry):
    raw = text_of(entry.get("SYSLOG_RAW") or entry.get("MESSAGE"))
    if bytes_.rstrip(b"\n\0") in (raw, raw.rstrip(b"\n\0")):
        return True
    # What was read may be in parts: every word is somewhere.
    everything = b" ".join(name.encode() + b" " + text_of(value) for name, value in entry.items())
    words = re.findall(rb"[A-Za-z0-9_]{4,}", bytes_)
    # Of a time that was read, the letters may be others.
    return all(word in everything for word in words if not word[:1].isdigit())
