"""Prometheus' `promtool check metrics` on what /metrics says, with an input of each kind and some entries."""
import subprocess

from .harness import Results, free_port, need_program


def run(programs, suites):
    del suites
    promtool = need_program("promtool")
    results = Results()
    inputs = (f'[{{ type: http }}, {{ type: syslog, listen: "tcp://127.0.0.1:{free_port()}" }}, '
              f'{{ type: fluent, listen: "tcp://127.0.0.1:{free_port()}" }}, '
              f'{{ type: relp, listen: "tcp://127.0.0.1:{free_port()}" }}]')
    with programs.collector(inputs) as collector:
        collector.request("POST", "/ingest", b'{"message":"one"}', {"Content-Type": "application/json"})
        status, text = collector.request("GET", "/metrics")
        results.check(status == 200, "GET /metrics", str(status))
        checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)
        said = (checked.stdout + checked.stderr).decode()
        results.check(checked.returncode == 0 and not said.strip(), "promtool check metrics", said)
    return results
