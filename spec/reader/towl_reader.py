#!/usr/bin/env python3
"""A second reader of towl files, written from spec/ alone.

It shows that the specification is enough, and what it says in the fewest words: it is not quick, and keeps a frame in
memory. It reads format 1 and 2, files that are open, closed, sealed and damaged, beside no writer.

    towl_reader.py FILE|FOLDER...     prints entries, a JSON object a line, as `towlctl cat -o json` prints texts;
                                      damage goes to standard error. Exit codes: 0 whole, 1 damage, 2 no towl file
    towl_reader.py --check FILE...    reads all, compares digests and counts with the index, prints a line a file

Needs the modules zstandard and xxhash (Debian: python3-zstandard, python3-xxhash).
"""
import json
import os
import struct
import sys
from datetime import datetime, timedelta

import xxhash
import zstandard

MASK = (1 << 64) - 1
MAX_FRAME = (64 << 20) + (64 << 10)
MAX_POSITIONS = 16 << 20
HEADER, DATA, GAP, FILTER, DIRECTORY, FOOTER = range(1, 7)


class Damaged(Exception):
    """Bytes that no writer writes."""


# ---- Checksums and hashes ---------------------------------------------------------------------------------------


def _crc_table():
    table = []
    for i in range(1 << 16):  # two bytes a step: a byte at a time takes twice as long
        for _ in range(16):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    return table


CRC = _crc_table()


def crc32c(data, seed=0):
    crc = seed ^ 0xFFFFFFFF
    pairs = len(data) // 2
    for pair in struct.unpack_from("<%dH" % pairs, data):
        crc = CRC[(crc ^ pair) & 0xFFFF] ^ crc >> 16
    for byte in data[2 * pairs :]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def extend_digest(digest, sender, received, offset, log_format, text):
    seed = xxhash.xxh3_64_intdigest(sender, seed=digest ^ received & MASK)
    seed ^= (log_format & 0xFFFFFFFF) * 0x9E3779B185EBCA87 & MASK
    seed ^= (offset & MASK) * 0xC2B2AE3D27D4EB4F & MASK
    return xxhash.xxh3_64_intdigest(text, seed=seed)


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def unzigzag(value):
    return (value >> 1 ^ -(value & 1)) & MASK


def unpack(data, size):
    try:
        raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
    except zstandard.ZstdError as error:
        raise Damaged("a part that does not decompress: %s" % error)
    if len(raw) != size:
        raise Damaged("a part that has another size than it says")
    return raw


class Bytes:
    """Takes values from the front of some bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Damaged("a length that is longer than what is there")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.byte()
            if shift == 63 and byte > 1:
                break
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise Damaged("a number of more than 64 bits")

    def done(self):
        return self.at == len(self.data)


# ---- Format 1 ---------------------------------------------------------------------------------------------------


def v1_string(data, at, limit=64 << 20):
    if at + 8 > len(data):
        return None
    (size,) = struct.unpack_from("<Q", data, at)
    if size > limit:
        raise Damaged("a string of %d bytes" % size)
    return (data[at + 8 : at + 8 + size], at + 8 + size) if at + 8 + size <= len(data) else None


def parse_time(text):
    text = text.decode("ascii", "replace")
    date, rest = text[:10], text[11:]
    if len(text) < 20 or text[10] not in "Tt ":
        raise Damaged("no time: %r" % text)
    zone = 0
    if rest[-1] in "Zz":
        rest = rest[:-1]
    elif rest[-6] in "+-" and rest[-3] == ":":
        zone = int(rest[-6] + "1") * (int(rest[-5:-3]) * 60 + int(rest[-2:]))
        rest = rest[:-6]
    else:
        raise Damaged("no time: %r" % text)
    clock, _, fraction = rest.partition(".")
    try:
        leap = clock.endswith(":60")
        moment = datetime.fromisoformat(date + "T" + (clock[:-2] + "59" if leap else clock))
    except ValueError:
        raise Damaged("no time: %r" % text)
    since = moment - datetime(1970, 1, 1) - timedelta(minutes=zone) + timedelta(seconds=leap)
    return (since.days * 86400 + since.seconds) * 10**9 + int((fraction + "0" * 9)[:9])


def read_v1(data, report):
    magic, version = struct.unpack_from("<9si", data)
    if version != 1:
        raise Damaged("version %d is not known" % version)
    _, at = v1_string(data, 13, 1024)
    _, at = v1_string(data, at, 1024)
    (file_id,) = struct.unpack_from("<Q", data, at)
    at, ordinal = 2048, 0
    while at < len(data):
        try:
            sender = v1_string(data, at)
            time = sender and v1_string(data, sender[1], 64)
            text = time and time[1] + 4 <= len(data) and v1_string(data, time[1] + 4)
            if not text:
                return  # half an entry
            received = parse_time(time[0])
        except Damaged as error:
            return report(at, ordinal, None, str(error))
        (log_format,) = struct.unpack_from("<i", data, time[1])
        yield file_id, ordinal, sender[0], received, 0, log_format, text[0]
        at, ordinal = text[1], ordinal + 1


# ---- Format 2: pages and frames ---------------------------------------------------------------------------------


class Page:
    """The header page."""

    def __init__(self, data):
        if len(data) < 1024 or data[:9] != b"towlfile2" or data[768:776] != b"TOWL2HDR":
            raise Damaged("no header page")
        if crc32c(data[:1020]) != struct.unpack_from("<I", data, 1020)[0]:
            raise Damaged("the header page does not fit its checksum")
        (version,) = struct.unpack_from("<i", data, 9)
        (required,) = struct.unpack_from("<I", data, 780)
        if version != 2 or required:
            raise Damaged("a file of version %d with features %#x: this reader does not know them" % (version, required))
        org, at = v1_string(data, 13, 768)
        title, at = v1_string(data, at, 768)
        (self.file_id,) = struct.unpack_from("<Q", data, at)
        (self.tag,) = struct.unpack_from("<I", data, 788)


class Slot:
    """A slot of the index page."""

    def __init__(self, data, tag):
        if len(data) < 512 or data[:4] != b"TWLI" or crc32c(data[8:512], tag) != struct.unpack_from("<I", data, 4)[0]:
            raise Damaged("no slot")
        self.sequence, self.count, self.data_end = struct.unpack_from("<QQQ", data, 8)
        (self.digest,) = struct.unpack_from("<Q", data, 80)
        self.flags, self.chain, self.footer = struct.unpack_from("<IIQ", data, 104)
        *life, self.life_begin = struct.unpack_from("<IIQ", data, 144)
        self.life = tuple(life)


class Frame:
    """A frame's header, whose checksums hold and that makes sense."""

    def __init__(self, data, at, tag):
        h = data[at : at + 120]
        if len(h) < 120 or h[:4] != b"TWLF" or struct.unpack_from("<I", h, 80)[0] != tag:
            raise Damaged("no frame")
        self.checksum, self.payload_checksum, self.stored, self.raw, self.count = struct.unpack_from("<5I", h, 4)
        if crc32c(h[8:104], tag) != self.checksum or crc32c(h[104:116], self.checksum) != struct.unpack_from("<I", h, 116)[0]:
            raise Damaged("a header that does not fit its checksum")
        (self.first,) = struct.unpack_from("<Q", h, 24)
        self.digest, self.durable = struct.unpack_from("<QQ", h, 64)
        self.kind, self.codec, self.layout, self.reason, self.previous, self.text_bytes = struct.unpack_from("<4BII", h, 84)
        self.life = struct.unpack_from("<II", h, 96)
        self.positions, left_out, self.positions_checksum = struct.unpack_from("<III", h, 104)
        self.at, self.tag, self.left_out, self.holds_entries = at, tag, left_out == 1, self.kind in (DATA, GAP)
        padded = 120 + (self.stored + 7 & ~7)
        self.positions_at, self.end = at + padded, at + padded + (self.positions + 7 & ~7)
        bad = max(self.stored, self.raw, self.text_bytes) > MAX_FRAME or self.positions > MAX_POSITIONS or left_out > 1
        bad |= self.holds_entries and self.durable > self.first or (self.positions or left_out) and not self.holds_entries
        bad |= self.kind == 0 or self.kind != GAP and self.kind <= FOOTER and self.reason != 0
        if self.kind <= FOOTER:
            bad |= self.codec > 1 or self.layout > 2 or self.codec == 0 and self.raw != self.stored
            bad |= self.kind != DATA and self.layout != 0
        if self.kind == DATA:
            bad |= not 1 <= self.count <= 65536 or self.layout == 0
        else:
            bad |= self.kind == GAP and (self.count == 0 or self.stored != 0) or self.kind != GAP and self.count != 0
        if bad:
            raise Damaged("a header that makes no sense")

    def last(self):
        return self.first + self.count

    def payload(self, data):
        """The stored payload; Damaged if it is not whole."""
        at = self.at + 120
        payload = data[at : at + self.stored]
        if self.end > len(data) or data[at + self.stored : self.positions_at].strip(b"\0"):
            raise Damaged("a frame that is not whole")
        if crc32c(payload, self.tag) != self.payload_checksum:
            raise Damaged("a payload that does not fit its checksum")
        return payload

    def positions_are_whole(self, data):
        part, rest = data[self.positions_at : self.positions_at + self.positions], data[self.positions_at : self.end]
        if self.left_out:
            return not rest.strip(b"\0")
        if not self.positions:
            return True
        return not rest[self.positions :].strip(b"\0") and crc32c(part, self.tag) == self.positions_checksum

    def entries(self, data):
        """(sender, received, time offset, log format, text) of each entry."""
        payload = self.payload(data)
        if self.layout == 2:
            return decode_columns(payload, self.count, self.text_bytes)
        return decode_rows(unpack(payload, self.raw) if self.codec == 1 else payload, self.count, self.text_bytes)


def decode_rows(payload, count, text_bytes):
    rows = Bytes(payload)
    entries = []
    sender, received, time, log_format, text, total = b"", 0, None, 0, b"", 0
    for _ in range(count):
        received = received + unzigzag(rows.varint()) & MASK
        head = rows.varint()
        if head >> 1:
            sender = rows.take((head >> 1) - 1)
        offset = 0
        if head & 1:
            time = (received if time is None else time) + unzigzag(rows.varint()) & MASK
            offset = time - received & MASK
        shared = rows.varint()
        rest = rows.varint()
        if shared > min(4096, len(text)):
            raise Damaged("a row that shares more than there is")
        if rest & 1:
            (log_format,) = struct.unpack("<i", rows.take(4))
        text = text[:shared] + rows.take(rest >> 1)
        total += len(sender) + len(text)
        entries.append((sender, signed(received), signed(offset), log_format, text))
    if not rows.done() or total != text_bytes:
        raise Damaged("a frame whose entries are not what its header says")
    return entries


# ---- Format 2: columns (spec/format-v2-columns.md) --------------------------------------------------------------


class Sections:
    """The payload's sections, of which parts are taken one after the other."""

    def __init__(self, payload, count, raw_bytes):
        front = Bytes(payload)
        self.version = front.byte()
        if self.version not in (1, 2):
            raise Damaged("columns of version %d" % self.version)
        self.text_bytes, sections = front.varint(), front.varint()
        if self.text_bytes > raw_bytes or not 6 <= sections <= 1024:
            raise Damaged("columns whose sizes make no sense")
        sizes = [(front.varint(), front.varint()) for _ in range(sections)]
        if sum(raw for raw, _ in sizes) > 4 * raw_bytes + 64 * count + 4096 or any(stored > raw for raw, stored in sizes):
            raise Damaged("sections that are too large")
        self.all = []
        for raw, stored in sizes:
            part = front.take(stored)
            self.all.append(Bytes(part if stored == raw else unpack(part, raw)))
        if not front.done():
            raise Damaged("bytes after the last section")

    def part(self, fields, size):
        section = fields.varint()
        if section >= len(self.all):
            raise Damaged("a section that is not there")
        return self.all[section].take(size)

    def numbers(self, fields, n):
        flags, divisor, first = fields.byte(), fields.varint(), unzigzag(fields.varint())
        order, width = flags & 3, flags >> 3
        if order == 3 or width > 8:
            raise Damaged("numbers of a form that is not known")
        if width == 0:
            return [first] * n
        planes = self.part(fields, n * width)
        wide = bytearray(8 * n)
        for i in range(width):
            wide[i::8] = planes[i * n : (i + 1) * n]
        codes = struct.unpack("<%dQ" % n, wide)
        if flags & 4:
            codes = [unzigzag(code) for code in codes]
        for _ in range(order):
            total, sums = 0, []
            for code in codes:
                total = total + code & MASK
                sums.append(total)
            codes = sums
        return [first + divisor * code & MASK for code in codes]

    def strings(self, fields, n):
        lengths = self.numbers(fields, n)
        size = fields.varint()
        if sum(lengths) != size:
            raise Damaged("strings whose lengths are not their bytes")
        part = Bytes(self.part(fields, size))
        return [part.take(length) for length in lengths]

    def places(self, fields, n, d, columns):
        """n numbers below d, most of them told by those before; `columns`: those that may give keys."""
        form = fields.varint()
        if form == 0:
            places = self.numbers(fields, n)
        else:
            keys = None
            if form > 2:
                keys = columns[form - 3].places if form - 3 < len(columns) else None
                if keys is None or len(keys) != n:
                    raise Damaged("keys of a column that has none")
            codes = self.part(fields, n)
            count = fields.varint()
            others = iter(self.numbers(fields, count) if 0 < count <= n else [])
            if count > n:
                raise Damaged("more other places than places")
            places, recent, expected, new, place = [], [], {}, 0, -1
            for i, code in enumerate(codes):
                key = keys[i] if keys else place + 1 if form == 2 else 0
                if code == 0:
                    if key not in expected:
                        raise Damaged("a place that nothing tells")
                    place = expected[key]
                else:
                    if 2 <= code <= 254 and code - 2 >= len(recent):
                        raise Damaged("a place that is not in the list")
                    place = new if code == 1 else recent.pop(code - 2) if code < 255 else next(others, d)
                    new += code == 1
                    recent.insert(0, place)
                    del recent[253:]
                    expected[key] = place
                places.append(place)
            if next(others, None) is not None:
                raise Damaged("other places that nobody takes")
        if any(place >= d for place in places):
            raise Damaged("a place that is not there")
        return places


class Column:
    def __init__(self, sections, fields, n, columns=(), times=None, inner=False):
        """`columns`: those before it of the same texts; `times(column's number)`: the entries' times its values may be
        relative to."""
        self.numbers = self.places = None
        kind = fields.byte()
        relative, kind = kind & 8, kind & ~8
        if kind > 5 or relative and (kind not in (2, 3, 4) or times is None or inner) or inner and kind == 0:
            raise Damaged("a column of a kind that is not known here")
        if kind == 0:
            d = fields.varint()
            if not 1 <= d <= n:
                raise Damaged("a dictionary of more values than there are")
            if sections.version == 1:
                words = sections.strings(fields, d)
                places = sections.numbers(fields, n) if d > 1 else None
            else:
                words = Column(sections, fields, d, inner=True).values
                places = sections.places(fields, n, d, columns) if d > 1 else None
            if places and max(places) >= d:
                raise Damaged("a place that is not there")
            self.places = places
            self.values = [words[place] for place in places] if places else words * n
        elif kind == 1:
            self.values = sections.strings(fields, n)
        elif kind == 5:
            self.values = self.hex_rows(sections, fields, n)
        else:
            layout = self.clock_layout(fields) if kind == 4 else None
            base = [0] * n
            if relative:
                number = fields.varint()
                if number < 8:
                    base = times(len(columns), number)
                elif number - 8 < len(columns):
                    base = columns[number - 8].numbers
                else:
                    base = None
                if base is None or len(base) != n:
                    raise Damaged("numbers relative to what is not there")
            numbers = sections.numbers(fields, n)
            self.numbers = [a + b & MASK for a, b in zip(numbers, base)]
            if kind == 4:
                self.values = [self.clock(layout, number) for number in self.numbers]
            else:
                self.values = [(b"%d" if kind == 2 else b"%x") % number for number in self.numbers]

    @staticmethod
    def clock_layout(fields):
        length = fields.varint()
        if length > 64:
            raise Damaged("a clock of %d bytes" % length)
        pattern = fields.take(length)
        groups, end, product = [], 0, 1
        count = fields.varint()
        for _ in range(count if 1 <= count <= 8 else 0):
            at, digits, radix = fields.varint(), fields.varint(), fields.varint()
            if at < end or digits > 18 or at + digits > length or not 2 <= radix <= 10 ** (digits or 18):
                raise Damaged("a clock whose groups make no sense")
            end, product = at + digits, product * radix
            groups.append((at, digits, radix))
        if not groups or product > MASK:
            raise Damaged("a clock of too many or too large groups")
        return pattern, groups

    @staticmethod
    def clock(layout, number):
        pattern, groups = layout
        values = []
        for _, _, radix in groups[:0:-1]:
            values.append(number % radix)
            number //= radix
        if number >= groups[0][2]:
            raise Damaged("a time that its clock does not show")
        values.append(number)
        out, end = [], 0
        for (at, digits, _), value in zip(groups, reversed(values)):
            out += [pattern[end:at], b"%0*d" % (digits, value)]
            end = at + digits
        return b"".join(out) + pattern[end:]

    @staticmethod
    def hex_rows(sections, fields, n):
        length = fields.varint()
        pattern = fields.take(length) if length <= 64 else b""
        digits = pattern.count(b"\0")
        if digits == 0:
            raise Damaged("hexadecimal digits of a layout without any")
        pieces, width = pattern.split(b"\0"), (digits + 1) // 2
        rows = sections.part(fields, n * width)
        values = []
        for i in range(0, n * width, width):
            row = rows[i : i + width].hex().encode()
            values.append(b"".join(piece + row[j : j + 1] for j, piece in enumerate(pieces[:-1])) + pieces[-1])
        return values


def templates(sections, fields, m):
    """The templates as lists of literals and marks, and for each the column of each of its slots."""
    count, size = fields.varint(), fields.varint()
    if not 1 <= count <= m:
        raise Damaged("more templates than texts")
    part = sections.part(fields, size)
    if part.count(b"\1") != count or not part.endswith(b"\1"):
        raise Damaged("templates that do not end")
    result, columns = [], 0
    for template in part[:-1].split(b"\1"):
        pieces = []
        for literal in template.replace(b"\2", b"\0\2").split(b"\0"):
            if pieces:
                pieces.append("nested" if literal.startswith(b"\2") else None)
                literal = literal[literal.startswith(b"\2") :]
            pieces.append(literal)
        for i in range(1, len(pieces), 2):
            if pieces[i] is None:
                code = fields.varint()
                if code > columns:
                    raise Damaged("a column that was not named")
                pieces[i] = code - 1 if code else columns
                columns += code == 0
        result.append(pieces)
    return result, columns


def texts(sections, fields, m, times, nested_texts=None):
    """m texts; `times`: the entries' received and event times, of first texts alone."""
    kinds, column_count = templates(sections, fields, m)
    if len(kinds) == 1:
        numbers = [0] * m
    elif sections.version == 1:
        numbers = sections.numbers(fields, m)
    else:
        numbers = sections.places(fields, m, len(kinds), ())
    if any(number >= len(kinds) for number in numbers):
        raise Damaged("a template that is not there")
    owners = [[] for _ in range(column_count)]
    nested = 0
    for i, number in enumerate(numbers):
        for slot in kinds[number][1::2]:
            if slot == "nested":
                nested += 1
            else:
                owners[slot].append(i)

    def base(column, form):
        shift = 1000 ** (form & 3)
        return [(times[form >> 2][i] & MASK) // shift for i in owners[column]]

    columns = []
    for owner in owners:
        if not owner:
            raise Damaged("a column without values")
        columns.append(Column(sections, fields, len(owner), columns, base if times else None))
    if nested and times is None:
        raise Damaged("nested texts within nested texts")
    inner = iter(texts(sections, fields, nested, None) if nested else [])
    values = [iter(column.values) for column in columns]
    result = []
    for number in numbers:
        pieces = kinds[number]
        result.append(
            b"".join(
                piece if i % 2 == 0 else next(inner) if piece == "nested" else next(values[piece])
                for i, piece in enumerate(pieces)
            )
        )
    return result


def decode_columns(payload, count, raw_bytes):
    sections = Sections(payload, count, raw_bytes)
    envelope, directory = sections.all[:2]
    received = sections.numbers(envelope, count)
    form = envelope.byte()
    if form > 2:
        raise Damaged("event times of a form that is not known")
    offsets = [0] * count
    if form:
        offsets = sections.numbers(envelope, count)
    if form == 2:
        offsets = [time - since & MASK for time, since in zip(offsets, received)]
    formats = [signed(value) for value in sections.numbers(envelope, count)]
    if any(not -(1 << 31) <= value < 1 << 31 for value in formats):
        raise Damaged("a log format of more than 32 bits")
    senders = Column(sections, envelope, count).values
    events = [since + offset & MASK for since, offset in zip(received, offsets)]
    bodies = texts(sections, directory, count, (received, events))
    if not all(section.done() for section in sections.all):
        raise Damaged("bytes that no column takes")
    if sum(map(len, bodies)) != sections.text_bytes or sum(map(len, senders)) != raw_bytes - sections.text_bytes:
        raise Damaged("texts that are not as long as they should be")
    return list(zip(senders, map(signed, received), map(signed, offsets), formats, bodies))


# ---- Format 2: the walk over the frames (spec/format-v2.md, "Reading") ------------------------------------------


class Walk:
    RUN = 64

    def __init__(self, data, name):
        self.data = data
        self.page = self.find_page(name)
        self.tag = self.page.tag
        self.slots = []
        for at in (1024, 1536):
            try:
                slot = Slot(data[at : at + 512], self.tag)
                if slot.sequence % 2 == (at == 1024):
                    self.slots.append(slot)
            except Damaged:
                pass
        footer = self.footer()
        if not self.slots and footer:
            self.slots = [footer]
        self.slot = max(self.slots, key=lambda slot: slot.sequence, default=None)
        self.digest, self.digest_is_known, self.count = 0, True, 0

    def footer(self):
        """A sealed file's slot, from its end."""
        try:
            frame = self.frame(len(self.data) - 1664) if len(self.data) >= 1664 else None
            return Slot(frame.payload(self.data)[:512], self.tag) if frame and frame.kind == FOOTER else None
        except Damaged:
            return None

    def find_page(self, name):
        data = self.data
        try:
            return Page(data[:1024])
        except Damaged as error:
            if data[:9] == b"towlfile2" and "version" in str(error):
                raise
        tag = None
        for start, end in ((0, min(len(data), 4 << 20)), (max(0, len(data) - (1 << 20)), len(data))):
            at = data.find(b"TWLF", start, end)
            while at >= 0:
                try:
                    (own,) = struct.unpack_from("<I", data, at + 80)
                    frame = Frame(data, at, own)
                    tag = own if tag is None else tag
                    if frame.kind == HEADER:
                        return Page(frame.payload(data))
                    if frame.kind == FOOTER:
                        return Page(frame.payload(data)[520:])
                except (Damaged, struct.error):
                    pass
                at = data.find(b"TWLF", at + 1, end)
        digits = os.path.basename(name).partition(".towl")[0]
        if tag is None or not digits.isdigit():
            raise Damaged("not a towl file")
        page = Page.__new__(Page)
        page.tag, page.file_id = tag, int(digits)
        return page

    def frame(self, at):
        try:
            return Frame(self.data, at, self.tag)
        except (Damaged, struct.error):
            return None

    def is_whole(self, frame):
        try:
            frame.payload(self.data)
            return True
        except Damaged:
            return False

    def is_refused(self, frame, life):
        if frame.life[0] < life[0] or frame.life[0] == life[0] and frame.life[1] != life[1]:
            return True
        if not self.slot:
            return False
        begin, own = self.slot.life_begin, self.slot.life
        if frame.life[0] < own[0]:
            return frame.last() > begin
        return frame.life[0] == own[0] and (frame.life[1] != own[1] or frame.first < begin)

    def headers(self, at, end=None, step=8):
        """All frames' headers from `at` on, wherever they are; at multiples of `step`."""
        found = self.data.find(b"TWLF", at, end)
        while found >= 0:
            frame = self.frame(found) if found % step == 0 else None
            if frame:
                yield frame
            found = self.data.find(b"TWLF", found + 1, end)

    def run(self, frame):
        """How many frames from this one on name each other, at most RUN, and the last of them."""
        count = 1
        while count < self.RUN:
            following = self.frame(frame.end)
            if not following or following.previous != frame.checksum or not self.is_whole(following):
                break
            if following.first != frame.last():
                break
            frame, count = following, count + 1
        return count, frame

    def belongs(self, frame, ordinal, chain, life, broken):
        if not self.is_whole(frame) or frame.first < ordinal or self.is_refused(frame, life):
            return False
        if chain is not None and frame.previous == chain and frame.first == ordinal or frame.previous in broken:
            return True
        length, last = self.run(frame)
        if length == self.RUN:
            return True
        after = next((f for f in self.headers(last.end) if self.is_whole(f) and not self.is_refused(f, life)), None)
        if not after or after.first >= last.last():
            return True
        other, _ = self.run(after)
        return length > other or length == other and after.previous != chain

    def search(self, at, ordinal, chain, life):
        """The first frame from `at` on that belongs."""
        broken = set()
        found = None
        for step in (8, 1):
            for frame in self.headers(at, found.at if found else None, step):
                if not self.is_whole(frame):
                    if not self.is_refused(frame, life):
                        broken.add(frame.checksum)
                elif frame.kind <= GAP and self.belongs(frame, ordinal, chain, life, broken):
                    found = frame
                    break
            if found and found.first == ordinal and found.previous == chain:
                break
        return found

    def durable(self, at, life):
        """So many entries were on stable storage, by all slots and all headers from `at` on."""
        headers = [f.durable for f in self.headers(at, step=1) if not self.is_refused(f, life)]
        return max([slot.count for slot in self.slots] + headers, default=0)

    def entries(self, report):
        data, at, ordinal, chain, life = self.data, 2048, 0, None, (0, 0)
        first = self.frame(2048)
        if first and first.kind == HEADER and self.is_whole(first):
            at, chain = first.end, first.checksum
        while True:
            frame = self.frame(at)
            linked = frame and (chain is None or frame.previous == chain) and not self.is_refused(frame, life)
            if linked and frame.kind in (FILTER, DIRECTORY, FOOTER) and self.is_whole(frame):
                break
            if linked and self.is_whole(frame) and (frame.first == ordinal or not frame.holds_entries):
                try:
                    yield from self.take(frame, report)
                except Damaged as error:
                    report(frame.at, frame.first, frame.last(), str(error))
                at, chain, life = frame.end, frame.checksum, frame.life
                ordinal = max(ordinal, frame.last()) if frame.holds_entries else ordinal
                continue
            found = self.search(at, ordinal, chain, life)
            durable = self.durable(at, life)
            if found and (found.first == ordinal or durable > ordinal or not self.slots):
                report(at, ordinal, found.first, "what is here is not the next frame")
                at, ordinal, chain = found.at, found.first, found.previous
                self.digest_is_known = False
            elif not found and durable > ordinal:
                report(at, ordinal, durable, "nothing here is the next frame, and no later one is found")
                ordinal, chain = durable, None
                at = max(at, self.slot.data_end if self.slot and self.slot.count == durable else len(data))
                self.digest_is_known = False
                if self.slot and self.slot.flags & 4:
                    break
            else:
                break
        if self.slot and self.slot.count > ordinal:
            report(at, ordinal, self.slot.count, "the entries end before the index page says")
        self.count = ordinal

    def take(self, frame, report):
        if not frame.positions_are_whole(self.data):
            report(frame.at, frame.first, frame.first, "positions of sources that do not fit their checksum")
        if frame.kind == GAP:
            self.digest, self.digest_is_known = frame.digest, True
        if frame.kind != DATA:
            return
        if self.digest_is_known and self.digest != frame.digest:
            report(frame.at, frame.first, frame.first, "the digest of the entries before is another")
        entries = frame.entries(self.data)
        self.digest, self.digest_is_known = frame.digest, True
        for i, (sender, received, offset, log_format, text) in enumerate(entries):
            self.digest = extend_digest(self.digest, sender, received, offset, log_format, text)
            yield self.page.file_id, frame.first + i, sender, received, offset, log_format, text


# ---- The program ------------------------------------------------------------------------------------------------


def format_time(time):
    seconds, ns = divmod(time, 10**9)
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    digits = 0 if ns == 0 else 3 if ns % 10**6 == 0 else 6 if ns % 1000 == 0 else 9
    fraction = ".%0*d" % (digits, ns // 10 ** (9 - digits)) if digits else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


def as_json(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return list(data)  # bytes that are no text are an array, as the journal has it


def print_entry(file_id, ordinal, sender, received, offset, log_format, text):
    time = signed(received + offset & MASK)
    entry = {"file_id": file_id, "ordinal": ordinal, "sender": as_json(sender), "time": format_time(time)}
    entry.update(received=format_time(received), log_format=log_format, log_entry=as_json(text))
    sys.stdout.buffer.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def read_file(path, check):
    found = []

    def report(offset, first, last, what):
        lost = "" if last == first else "; entries %d to %s are lost" % (first, "the end" if last is None else last - 1)
        found.append("%s: offset %d: %s%s" % (path, offset, what, lost))

    with open(path, "rb") as file:
        data = file.read()
    if data[:9] == b"towlfile*":
        count = 0
        for entry in read_v1(data, report):
            count += 1
            check or print_entry(*entry)
    else:
        walk = Walk(data, path)
        for entry in walk.entries(report):
            check or print_entry(*entry)
        count, slot = walk.count, walk.slot
        if slot and slot.count == count and walk.digest_is_known and walk.digest != slot.digest:
            report(1024, count, count, "the digest in the index page is another")
    for line in found:
        print("towl_reader: " + line, file=sys.stderr)
    if check:
        print("%s: %s, %d entries" % (path, "damaged" if found else "whole", count))
    return 1 if found else 0


def files_of(path):
    if not os.path.isdir(path):
        return [path]
    names = [name for name in os.listdir(path) if name.endswith(".towl") and name[:-5].isdigit()]
    return [os.path.join(path, name) for name in sorted(names, key=lambda name: int(name[:-5]))]


def main(arguments):
    check = "--check" in arguments
    paths = [argument for argument in arguments if argument != "--check"]
    if not paths or any(path.startswith("-") for path in paths):
        print(__doc__, file=sys.stderr)
        return 2
    code = 0
    for path in (file for path in paths for file in files_of(path)):
        try:
            code = max(code, read_file(path, check))
        except (Damaged, OSError, struct.error, TypeError) as error:
            print("towl_reader: %s: %s" % (path, error), file=sys.stderr)
            code = 2
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
