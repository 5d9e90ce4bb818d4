"""JSONTestSuite (github.com/nst/JSONTestSuite): what is JSON is taken and its values are kept, what is none is refused.

Each document is the value of a member of an object that is posted alone: y_* must be accepted and read back equal, n_*
must be refused, i_* may be either. The collector lives.
"""
import json

from .harness import Results, need


def run(programs, suites):
    folder = need(suites / "JSONTestSuite/test_parsing")
    results = Results()
    with programs.collector() as collector:
        expected = {}
        for path in sorted(folder.glob("*.json")):
            body = b'{"message":"m","name":' + json.dumps(path.name).encode() + b',"value":' + path.read_bytes() + b"}"
            status, answer = collector.request("POST", "/ingest?strict=1", body, {"Content-Type": "application/json"})
            kind = path.name[0]
            if kind == "y":
                results.check(status == 202, path.name, f"{status} {answer[:100]}")
                if status == 202:
                    expected[path.name] = json.loads(path.read_bytes())
            elif kind == "n":
                results.check(400 <= status < 500, path.name, f"{status} {answer[:100]}")
            else:
                results.check(status < 500, path.name, f"{status} {answer[:100]}")
        for path in sorted((suites / "JSONTestSuite/test_transform").glob("*.json")):
            body = b'{"message":"m","value":' + path.read_bytes() + b"}"
            status, answer = collector.request("POST", "/ingest", body, {"Content-Type": "application/json"})
            results.check(status < 500 and collector.runs(), path.name, f"{status} {answer[:100]}")
        results.check(collector.runs(), "the collector lives")
        stored = {}
        for line in collector.cat("-o", "json", "-a").splitlines():
            entry = json.loads(line)
            if "name" in entry and "value" in entry:
                stored[entry["name"]] = entry["value"]
        for name, value in expected.items():
            got = stored.get(name, "nothing")
            # Values that are no strings are kept as JSON; in the journal's terms they may be texts of it.
            results.check(same(got, value), "value of " + name, f"{got!r} is not {value!r}")
    return results


def same(got, value):
    if got == value:
        return True
    if isinstance(got, str):
        try:
            return json.loads(got) == value
        except ValueError:
            return False
    # Bytes that are no text for the journal: an array of them.
    if isinstance(got, list) and isinstance(value, str):
        return bytes(got).decode(errors="surrogatepass") == value
    return False
