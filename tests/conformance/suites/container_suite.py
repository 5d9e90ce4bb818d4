"""Fluent Bit's lines of containers and its stack traces (github.com/fluent/fluent-bit, tests/internal/multiline.c): the
same lines become the same entries."""
import json
import re

from .harness import Results, need

# Its input, its expected output, and our parsers. Fluent Bit keeps the newline at the end of each line; we take it off.
SUITES = [
    ("docker_input", "docker_output", "[docker]"),
    ("cri_input", "cri_output", "[cri]"),
    ("endswith_input", "endswith_output", "[{ type: multiline, preset: backslash }]"),
    ("java_input", "java_output", "[json, { type: multiline, preset: java }]"),
    ("python_input", "python_output", "[{ type: multiline, preset: python }]"),
    ("ruby_input", "ruby_output", "[{ type: multiline, preset: ruby }]"),
    ("go_input", "go_output", "[{ type: multiline, preset: go }]"),
]


def arrays(source):
    """{NAME: [TEXT, …]} of the C source's arrays of records."""
    found = {}
    for name, body in re.findall(r"struct record_check (\w+)\[\] = \{(.*?)\n\};", source, re.S):
        texts = []
        for record in re.findall(r"\{((?:\s*\"(?:[^\"\\]|\\.)*\"\s*)+)\}", body):
            texts.append("".join(json.loads(f'"{part}"', strict=False) for part in re.findall(r'"((?:[^"\\]|\\.)*)"', record)))
        found[name] = texts
    return found


def run(programs, suites):
    source = need(suites / "fluent-bit/tests/internal/multiline.c").read_text()
    known = arrays(source)
    results = Results()
    for given, expected, parsers in SUITES:
        if given not in known or expected not in known:
            results.check(False, given, "it is not in the source any more")
            continue
        lines = known[given]
        if parsers == "[docker]":
            lines = [line.replace("\n", "\\n") for line in lines]
        else:
            lines = [line.rstrip("\n") for line in lines]
        inputs = f"[{{ name: tried, type: file, include: [none], parsers: {parsers} }}]"
        entries = programs.parse(inputs, ("\n".join(lines) + "\n").encode())
        got = [entry.get("MESSAGE", "").rstrip("\n") for entry in entries]
        wanted = [text.rstrip("\n") for text in known[expected]]
        for number, text in enumerate(wanted):
            results.check(text in got, f"{expected}[{number}]", f"{text!r} is not among {got!r}"[:600])
    return results
