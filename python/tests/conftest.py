import os
import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def towlctl():
    program = os.environ.get("TOWLCTL_PROGRAM") or shutil.which("towlctl")
    if not program:
        pytest.skip("needs towlctl, to make a store: name it in TOWLCTL_PROGRAM")
    return program


@pytest.fixture(scope="session")
def store(towlctl, tmp_path_factory):
    """A store of texts and of JSON, one text of which is no UTF-8."""
    folder = tmp_path_factory.mktemp("towl") / "store"
    lines = b"".join(b"entry %d\n" % number for number in range(2000)) + b"not \xff UTF-8\n"
    subprocess.run([towlctl, "append", "--store", folder, "--sender", "web-1"], input=lines, check=True)
    entry = b'{"MESSAGE":"it broke","PRIORITY":"3","SYSLOG_IDENTIFIER":"app","STATUS":"500","_HOSTNAME":"db-1"}\n'
    subprocess.run(
        [towlctl, "append", "--store", folder, "--sender", "db-1", "--log-format", "journal-json"],
        input=entry * 10,
        check=True,
    )
    return folder
