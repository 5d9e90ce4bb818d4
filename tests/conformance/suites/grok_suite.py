"""The specs of Logstash's grok patterns (github.com/logstash-plugins/logstash-patterns-core), run by rspec as they are, with
towld in the place of Logstash (grok_shim.rb).

Patterns of the core are our own; what they lack comes from the suite's pattern files.
"""
import json
import os
import pathlib
import re
import subprocess

from .harness import Results, Skipped, need, need_program


def run(programs, suites):
    folder = need(suites / "logstash-patterns-core/spec/patterns")
    rspec = need_program("rspec")
    results = Results()
    shim = pathlib.Path(__file__).with_name("grok_shim.rb")
    environment = {**os.environ, "TOWLD": programs.towld, "SUITE": str(folder.parents[1])}
    ran = subprocess.run([rspec, "--require", str(shim), "-I", str(folder.parent), "--format", "json", str(folder)],
                         cwd=folder.parents[1], env=environment, capture_output=True, text=True, timeout=3600)
    begin = ran.stdout.find('{"version"')
    if begin < 0:
        raise Skipped("rspec cannot run it: " + (ran.stderr or ran.stdout)[-300:])
    told, _ = json.JSONDecoder().raw_decode(ran.stdout[begin:])
    for example in told["examples"]:
        if example["status"] == "pending":
            continue
        reason = example.get("exception", {}).get("message", "").strip().replace("\n", " ")[:300]
        name = f"{pathlib.Path(example['file_path']).name}: {' '.join(example['full_description'].split())}"
        name = re.sub(r"0x[0-9a-f]+", "0x", name)  # Of objects: another one each time.
        results.check(example["status"] == "passed", name, reason)
    return results
