"""What the runners of suites share: a collector on free ports with a store of its own, and how results are told."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Skipped(Exception):
    """The suite, or what it needs, is not here: the reason."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def need(path):
    """The path of a suite's file; Skipped where it is not there."""
    if not path.exists():
        raise Skipped(f"{path} is not there: tests/conformance/fetch gets it")
    return path


def need_program(name):
    found = shutil.which(name) or shutil.which(name, path="/lib/systemd:/usr/sbin:/sbin")
    if not found:
        raise Skipped(f"there is no {name}")
    return found


class Programs:
    """towld and towlctl of a build."""

    def __init__(self, build):
        self.towld = str(build / "towld/towld")
        self.towlctl = str(build / "towlctl/towlctl")

    @contextlib.contextmanager
    def collector(self, inputs="[{ type: http }]", more=""):
        """A collector that takes what `inputs` says; killed at the end."""
        with tempfile.TemporaryDirectory() as folder:
            collector = Collector(self, pathlib.Path(folder), inputs, more)
            collector.start()
            try:
                yield collector
            finally:
                collector.kill()

    def parse(self, inputs, text):
        """What the input `tried` makes of lines: {NAME: VALUE} of each entry (`towld try`)."""
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "towld.yaml"
            config.write_text(f"store: {{ path: {folder}/store }}\ninputs: {inputs}\n")
            ran = subprocess.run([self.towld, "--config", str(config), "try", "tried"], input=text,
                                 capture_output=True, timeout=60)
            if ran.returncode != 0:
                raise RuntimeError(ran.stderr.decode(errors="replace"))
            return entries_of(ran.stdout.decode(errors="replace"))


def entries_of(tried):
    """The entries that `towld try` prints."""
    entries = []
    is_entry = False
    for line in tried.split("\n"):
        stripped = line.strip()
        if stripped == "=> entry":
            entries.append({})
            is_entry = True
        elif is_entry and line.startswith("    ") and ": " in stripped:
            name, value = stripped.split(": ", 1)
            with contextlib.suppress(ValueError):
                entries[-1][name.removeprefix("+ ")] = json.loads(value)
        else:
            is_entry = False
    return entries


class Collector:
    def __init__(self, programs, folder, inputs, more=""):
        self.programs, self.folder = programs, folder
        self.grpc, self.http = free_port(), free_port()
        self.config = folder / "towld.yaml"
        self.config.write_text(
            f"store: {{ path: {folder}/store, durability: synced }}\n"
            f"listen: {{ grpc: \"127.0.0.1:{self.grpc}\", http: \"127.0.0.1:{self.http}\" }}\n"
            f"inputs: {inputs}\n{more}\n")
        self.process = None

    def start(self):
        self.process = subprocess.Popen([self.programs.towld, "--config", str(self.config)],
                                        stderr=open(self.folder / "log", "ab"))
        for _ in range(600):
            with contextlib.suppress(OSError):
                if self.request("GET", "/readyz")[0] == 200:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("towld does not start: " + (self.folder / "log").read_text()[-2000:])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def runs(self):
        return self.process.poll() is None

    def request(self, method, path, body=None, headers=None):
        """Status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def cat(self, *arguments):
        """What `towlctl cat` of the store prints."""
        ran = subprocess.run([self.programs.towlctl, "cat", "--store", str(self.folder / "store"), *arguments],
                             capture_output=True, timeout=300)
        if ran.returncode not in (0, 1):
            raise RuntimeError(ran.stderr.decode(errors="replace"))
        return ran.stdout


class Results:
    """What passed, and what did not with its reason."""

    def __init__(self):
        self.passed, self.failures = 0, []

    def check(self, is_good, name, reason=""):
        if is_good:
            self.passed += 1
        else:
            self.failures.append((name, reason))

    @property
    def total(self):
        return self.passed + len(self.failures)
