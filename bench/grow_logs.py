#!/usr/bin/env python3
"""Grows the logs of a folder: their lines again and again in turns, each with a field that is always another.

    bench/grow_logs.py FOLDER BYTES            lines as they are, with " trace=" and 16 random hexadecimal digits
    bench/grow_logs.py FOLDER ENTRIES --journal  journal entries (JSON) of these lines, with a level and a request's number
"""
import json
import pathlib
import random
import sys


def chunks(folder):
    """Some lines of each log in turns, as hosts would send them."""
    logs = [path.read_text(errors="replace").splitlines() for path in sorted(pathlib.Path(folder).glob("*.log"))]
    for begin in range(0, max(map(len, logs)), 200):
        for log in logs:
            yield [line for line in log[begin : begin + 200] if line]


def grown(line, digits):
    return '{"trace":"%s",%s' % (digits, line[1:]) if line.startswith("{") else "%s trace=%s" % (line, digits)


def main():
    folder, most, journal = sys.argv[1], int(sys.argv[2]), "--journal" in sys.argv[3:]
    source = random.Random(1)
    out, made = sys.stdout, 0
    levels = ["6"] * 12 + ["5"] * 3 + ["4"] * 2 + ["3"]
    while True:
        for lines in chunks(folder):
            if journal:
                lines = [line for line in lines if not line.startswith("{") and len(line) < 200]
                new = [
                    '{"PRIORITY":"%s","SYSLOG_IDENTIFIER":"web","REQUEST":"%d","MESSAGE":%s}\n'
                    % (source.choice(levels), made + i, json.dumps(line))
                    for i, line in enumerate(lines)
                ]
                made += len(new)
            else:
                new = [grown(line, "%016x" % source.getrandbits(64)) + "\n" for line in lines]
                made += sum(map(len, new))
            out.writelines(new)
            if made >= most:
                return


main()
