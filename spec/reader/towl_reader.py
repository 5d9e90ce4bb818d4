#!/usr/bin/env python3
"""A second reader of towl files, written from spec/ alone: format 1 and 2, open, closed, sealed and damaged files.
    towl_reader.py FILE|FOLDER...     prints entries, a JSON object a line, as `towlctl cat -o json` prints texts

It is not quick, and keeps a file in memory. Damage goes to standard error. Exit codes: 0 whole, 1 damage, 2 not read.
Needs zstandard and xxhash (Debian: python3-zstandard, python3-xxhash)."""
import json, os, struct, sys
from datetime import datetime, timedelta
from itertools import accumulate
import xxhash, zstandard
MASK = (1 << 64) - 1
MAX_FRAME = (64 << 20) + (64 << 10)
HEADER, DATA, GAP, FILTER, DIRECTORY, FOOTER = range(1, 7)

class Damaged(Exception): """Bytes that no writer writes."""
def need(condition, what):
    if not condition: raise Damaged(what)
def makes_sense(life):
    return life[0] <= 10**9 and (life[0] > 0 or life[1] == 0)
def unless_damaged(read, *arguments):
    try:
        return read(*arguments)
    except Damaged:
        return None

# ---- Values: checksums, hashes, numbers
CRC = []
for n in range(1 << 16):  # of two bytes: one at a time takes twice as long
    for _ in range(16):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    CRC.append(n)

def crc32c(data, seed=0):
    crc = seed ^ 0xFFFFFFFF
    for pair in struct.unpack_from("<%dH" % (len(data) // 2), data):
        crc = CRC[(crc ^ pair) & 0xFFFF] ^ crc >> 16
    if len(data) % 2:
        crc = CRC[(crc ^ data[-1]) << 8 & 0xFFFF] ^ crc >> 8  # one byte is two, the first of which changes nothing
    return crc ^ 0xFFFFFFFF

def extend_digest(digest, sender, received, offset, log_format, text):
    seed = xxhash.xxh3_64_intdigest(sender, seed=digest ^ received & MASK)
    seed ^= ((log_format & 0xFFFFFFFF) * 0x9E3779B185EBCA87 ^ (offset & MASK) * 0xC2B2AE3D27D4EB4F) & MASK
    return xxhash.xxh3_64_intdigest(text, seed=seed)

def signed(value): return value - (1 << 64) if value >> 63 else value

def unzigzag(value): return (value >> 1 ^ -(value & 1)) & MASK

def unpack(data, size):
    try:
        raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
    except zstandard.ZstdError as error:
        raise Damaged("a part that does not decompress: %s" % error)
    need(len(raw) == size, "a part that has another size than it says")
    return raw

class Bytes:
    """Takes values from the front of some bytes."""
    def __init__(self, data):
        self.data, self.at = data, 0
    def take(self, count):
        need(count <= len(self.data) - self.at, "a length that is longer than what is there")
        self.at += count
        return self.data[self.at - count : self.at]
    def byte(self): return self.take(1)[0]
    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.byte()
            need(shift < 63 or byte <= 1, "a number of more than 64 bits")
            value |= (byte & 0x7F) << shift
            if byte < 0x80: return value
    def string(self, limit):
        size = int.from_bytes(self.take(8), "little")
        need(size <= limit, "a string of %d bytes" % size)
        return self.take(size)
    def done(self): return self.at == len(self.data)

# ---- Format 1
def parse_time(data):
    text = data.decode("ascii", "replace")
    rest, zone = text[11:-1], 0
    if text[-6:-5] in ("+", "-"):
        rest, zone = text[11:-6], int(text[-6] + "1") * (int(text[-5:-3]) * 60 + int(text[-2:]))
    elif text[-1:] not in ("Z", "z"):
        raise Damaged("no time: %r" % text)
    clock, _, fraction = rest.partition(".")
    leap = clock.endswith(":60")
    try:
        moment = datetime.fromisoformat(text[:10] + "T" + (clock[:-2] + "59" if leap else clock))
    except ValueError:
        raise Damaged("no time: %r" % text)
    since = moment - datetime(1970, 1, 1) - timedelta(minutes=zone) + timedelta(seconds=leap)
    return (since.days * 86400 + since.seconds) * 10**9 + int((fraction + "0" * 9)[:9])

def read_v1(data, report):
    page, (version,) = Bytes(data[:1024]), struct.unpack("<i", data[9:13])
    page.at = need(version == 1, "version %d is not known" % version) or 13
    page.string(1024), page.string(1024)
    file_id = int.from_bytes(page.take(8), "little")
    entries, ordinal = Bytes(data[2048:]), 0
    while not entries.done():
        at = entries.at
        try:
            sender, received = entries.string(64 << 20), entries.string(64)
            (log_format,) = struct.unpack("<i", entries.take(4))
            entry = (sender, parse_time(received), 0, log_format, entries.string(64 << 20))
        except Damaged as error:
            if "longer than what is there" not in str(error):  # half an entry: it ends here for now
                report(2048 + at, ordinal, None, str(error))
            return
        yield (file_id, ordinal) + entry
        ordinal += 1

# ---- Format 2: pages and frames
class Page:
    """The header page."""
    def __init__(self, data):
        need(len(data) == 1024 and data[:9] == b"towlfile2" and data[768:776] == b"TOWL2HDR", "no header page")
        need(crc32c(data[:1020]) == struct.unpack_from("<I", data, 1020)[0], "a damaged header page")
        front, (version,) = Bytes(data), struct.unpack_from("<i", data, 9)
        front.at, (required, _, self.tag) = 13, struct.unpack_from("<III", data, 780)
        need(version == 2 and required == 0, "version %d with features %#x is not known" % (version, required))
        front.string(731), front.string(731)
        self.file_id, self.bytes = int.from_bytes(front.take(8), "little"), data
    def first_chain(self):
        """The header checksum of the file's first frame, which repeats this page."""
        fields = struct.pack("<IIIIQ4qQQI", crc32c(self.bytes, self.tag), 1024, 1024, 0, 0, 0, 0, 0, 0, 0, 0, self.tag)
        return crc32c(fields + struct.pack("<4B4I", HEADER, 0, 0, 0, 0, 0, 0, 0), self.tag)

class Slot:
    """A slot of the index page."""
    def __init__(self, data, tag):
        need(len(data) == 512 and data[:4] == b"TWLI", "no slot")
        need(crc32c(data[8:], tag) == struct.unpack_from("<I", data, 4)[0], "a slot that does not fit its checksum")
        self.sequence, self.count, self.data_end = struct.unpack_from("<QQQ", data, 8)
        (self.digest,), (flags, self.chain) = struct.unpack_from("<Q", data, 80), struct.unpack_from("<II", data, 104)
        self.sealed = flags & 4
        *life, self.life_begin = struct.unpack_from("<IIQ", data, 144)
        self.life = tuple(life)
        need(self.life_begin <= self.count and makes_sense(life), "a slot whose life makes no sense")

class Frame:
    """A frame's header, whose checksums hold and that makes sense."""
    def __init__(self, data, at, tag):
        h = data[at : at + 120]
        need(len(h) == 120 and h[:4] == b"TWLF" and struct.unpack_from("<I", h, 80)[0] == tag, "no frame")
        self.checksum, self.payload_checksum, self.stored, self.raw, self.count = struct.unpack_from("<5I", h, 4)
        (own,) = struct.unpack_from("<I", h, 116)
        need(crc32c(h[8:104], tag) == self.checksum and crc32c(h[104:116], self.checksum) == own, "a damaged header")
        (self.first,), (self.digest, self.durable) = struct.unpack_from("<Q", h, 24), struct.unpack_from("<QQ", h, 64)
        self.kind, self.codec, self.layout, reason, self.previous, self.text_bytes = struct.unpack_from("<4BII", h, 84)
        self.life = struct.unpack_from("<II", h, 96)
        self.positions, left_out, self.positions_checksum = struct.unpack_from("<III", h, 104)
        self.at, self.tag, self.left_out, self.holds_entries = at, tag, left_out == 1, self.kind in (DATA, GAP)
        self.ends_entries = FILTER <= self.kind <= FOOTER
        # What stands after the entries comes after all of them.
        self.ordinal = self.durable if self.ends_entries else self.first
        self.after = self.first + self.count if self.holds_entries else self.ordinal
        self.positions_at = at + 120 + (self.stored + 7 & ~7)
        self.end = self.positions_at + (self.positions + 7 & ~7)
        good = max(self.stored, self.raw, self.text_bytes) <= MAX_FRAME and self.positions <= 16 << 20 and left_out <= 1
        good &= self.holds_entries or not self.positions and not left_out
        good &= not self.holds_entries or self.durable <= self.first
        if self.kind <= FOOTER:
            good &= self.kind > 0 and self.codec <= 1 and (self.codec == 1 or self.raw == self.stored)
            good &= (self.kind == GAP or reason == 0) and self.layout in ((1, 2) if self.kind == DATA else (0,))
        good &= 1 <= self.count <= 65536 if self.kind == DATA else (self.count > 0) == (self.kind == GAP)
        need(good and makes_sense(self.life) and not (self.kind == GAP and self.stored), "a header that makes no sense")
    def payload(self, data):
        at = self.at + 120
        payload = data[at : at + self.stored]
        need(self.end <= len(data) and not data[at + self.stored : self.positions_at].strip(b"\0"), "half a frame")
        need(crc32c(payload, self.tag) == self.payload_checksum, "a payload that does not fit its checksum")
        return payload
    def has_good_positions(self, data):
        part = data[self.positions_at : self.end]
        if self.left_out or not self.positions: return not part.strip(b"\0")
        good = crc32c(part[: self.positions], self.tag) == self.positions_checksum
        return good and not part[self.positions :].strip(b"\0")
    def entries(self, data):
        """(sender, received, time offset, log format, text) of each entry."""
        payload = self.payload(data)
        if self.layout == 2: return decode_columns(payload, self.count, self.text_bytes)
        return decode_rows(unpack(payload, self.raw) if self.codec else payload, self.count, self.text_bytes)

def decode_rows(payload, count, text_bytes):
    rows, entries, total = Bytes(payload), [], 0
    sender, received, time, log_format, text = b"", 0, None, 0, b""
    for _ in range(count):
        received = received + unzigzag(rows.varint()) & MASK
        head, offset = rows.varint(), 0
        if head >> 1: sender = rows.take((head >> 1) - 1)
        if head & 1:
            time = (received if time is None else time) + unzigzag(rows.varint()) & MASK
            offset = time - received & MASK
        shared, rest = rows.varint(), rows.varint()
        need(shared <= min(4096, len(text)), "a row that shares more than there is")
        if rest & 1: (log_format,) = struct.unpack("<i", rows.take(4))
        text = text[:shared] + rows.take(rest >> 1)
        total += len(sender) + len(text)
        entries.append((sender, signed(received), signed(offset), log_format, text))
    need(rows.done() and total == text_bytes, "a frame whose entries are not what its header says")
    return entries

# ---- Format 2: columns (format-v2-columns.md)
class Sections:
    """The payload's sections, of which parts are taken one after the other."""
    def __init__(self, payload, count, raw_bytes):
        front = Bytes(payload)
        self.version, self.text_bytes, sections = front.byte(), front.varint(), front.varint()
        need(self.version == 2, "columns of version %d" % self.version)
        need(self.text_bytes <= raw_bytes and 6 <= sections <= 1024, "columns whose sizes make no sense")
        sizes = [(front.varint(), front.varint()) for _ in range(sections)]
        need(all(stored <= raw for raw, stored in sizes), "a section that grows")
        need(sum(raw for raw, _ in sizes) <= 4 * raw_bytes + 64 * count + 4096, "sections that are too large")
        parts = [(front.take(stored), raw) for raw, stored in sizes]
        need(front.done(), "bytes after the last section")
        self.all = [Bytes(part if len(part) == raw else unpack(part, raw)) for part, raw in parts]
    def part(self, fields, size):
        section = fields.varint()
        need(section < len(self.all), "a section that is not there")
        return self.all[section].take(size)
    def numbers(self, fields, n):
        flags, divisor, first = fields.byte(), fields.varint(), unzigzag(fields.varint())
        order, width = flags & 3, flags >> 3
        need(order < 3 and width <= 8, "numbers of a form that is not known")
        if width == 0: return [first] * n
        planes, wide = self.part(fields, n * width), bytearray(8 * n)
        for i in range(width): wide[i::8] = planes[i * n : (i + 1) * n]
        codes = struct.unpack("<%dQ" % n, wide)
        if flags & 4: codes = [unzigzag(code) for code in codes]
        for _ in range(order): codes = list(accumulate(codes, lambda a, b: a + b & MASK))
        return [first + divisor * code & MASK for code in codes]
    def strings(self, fields, n):
        lengths, size = self.numbers(fields, n), fields.varint()
        need(sum(lengths) == size, "strings whose lengths are not their bytes")
        part = Bytes(self.part(fields, size))
        return [part.take(length) for length in lengths]
    def places(self, fields, n, d, columns):
        """n numbers below d, most of them told by those before; `columns`: those that may give keys."""
        places = self.coded_places(fields, n, d, columns)
        need(all(place < d for place in places), "a place that is not there")
        return places
    def coded_places(self, fields, n, d, columns):
        form = fields.varint()
        if form == 0: return self.numbers(fields, n)
        keys = columns[form - 3].places if 2 < form < 3 + len(columns) else None
        need(form < 3 or keys and len(keys) == n, "keys of a column that has none")
        codes, count = self.part(fields, n), fields.varint()
        need(count <= n, "more other places than places")
        others = iter(self.numbers(fields, count) if count else [])
        places, recent, expected, new, place = [], [], {}, 0, -1
        for i, code in enumerate(codes):
            key = keys[i] if form > 2 else place + 1 if form == 2 else 0
            if code == 0:
                need(key in expected, "a place that nothing tells")
                place = expected[key]
            else:
                need(code < 2 or code == 255 or code - 2 < len(recent), "a place that is not in the list")
                place = new if code == 1 else recent.pop(code - 2) if code < 255 else next(others, d)
                new += code == 1
                recent.insert(0, place)
                del recent[253:]
                expected[key] = place
            places.append(place)
        need(next(others, None) is None, "other places that nobody takes")
        return places

class Column:
    """n values. `columns`: those before it of the same texts; `times(number, form)`: what its values may be relative
    to; `words`: it is a dictionary's."""
    def __init__(self, sections, fields, n, columns=(), times=None, words=False):
        self.numbers = self.places = None
        kind = fields.byte()
        relative, kind = kind & 8, kind & ~8
        need(kind <= 6 and not (relative and (words or times is None or kind in (0, 1, 5))), "an unknown column")
        need(kind or not words, "a dictionary within a dictionary")
        if kind == 0:
            d = fields.varint()
            need(1 <= d <= n, "a dictionary of more values than there are")
            values = Column(sections, fields, d, words=True).values
            self.places = sections.places(fields, n, d, columns) if d > 1 else None
            self.values = [values[place] for place in self.places] if d > 1 else values * n
        elif kind == 1:
            self.values = sections.strings(fields, n)
        elif kind == 5:
            self.values = hex_rows(sections, fields, n)
        else:
            style = fields.varint() if kind == 6 else None  # of fractions of a second: which zeros are left out
            layout = clock_layout(fields) if kind in (4, 6) else None
            whole = kind == 4 or kind == 6 and layout[1][-1][0] > 0 and all(digits for _, digits, _ in layout[1])
            need(layout is None or whole and style in (None, 0, 1), "a fraction of an unknown form")
            base = [0] * n
            if relative:
                form = fields.varint()
                base = times(len(columns), form) if form < 8 else (columns[form - 8 :] or [self])[0].numbers
                need(base is not None and len(base) == n, "numbers relative to what is not there")
            self.numbers = [a + b & MASK for a, b in zip(sections.numbers(fields, n), base)]
            show = {2: lambda number: b"%d" % number, 3: lambda number: b"%x" % number}.get(kind)
            self.values = [show(number) if show else print_clock(layout, number, style) for number in self.numbers]

def clock_layout(fields):
    length = fields.varint()
    need(length <= 64, "a clock of %d bytes" % length)
    pattern, count = fields.take(length), fields.varint()
    need(1 <= count <= 8, "a clock of %d groups" % count)
    groups, end, product = [], 0, 1
    for _ in range(count):
        at, digits, radix = fields.varint(), fields.varint(), fields.varint()
        need(at >= end and digits <= 18 and at + digits <= length, "a clock whose groups make no sense")
        need(2 <= radix <= 10 ** (digits or 18), "a clock whose radices make no sense")
        end, product = at + digits, product * radix
        groups.append((at, digits, radix))
    need(product <= MASK, "a clock whose groups are too large")
    return pattern, groups

def print_clock(layout, number, style):
    pattern, groups = layout
    values = []
    for _, _, radix in groups[:0:-1]:
        number, value = divmod(number, radix)
        values.append(value)
    need(number < groups[0][2], "a time that its clock does not show")
    out, end = b"", 0
    for (at, digits, _), value in zip(groups, [number] + values[::-1]):
        before, last = out + pattern[end:at], b"%0*d" % (digits, value)
        out, end = before + last, at + digits
    if style is not None and not value: out = before[:-1]
    elif style == 0: out = before + last.rstrip(b"0")
    return out + pattern[end:]

def hex_rows(sections, fields, n):
    length = fields.varint()
    need(length <= 64, "hexadecimal digits in %d bytes" % length)
    pieces = fields.take(length).split(b"\0")
    need(len(pieces) > 1, "hexadecimal digits of a layout without any")
    width, values = len(pieces) // 2, []
    rows = sections.part(fields, n * width)
    for i in range(0, n * width, width):
        row = rows[i : i + width].hex().encode()
        values.append(pieces[0] + b"".join(row[j : j + 1] + piece for j, piece in enumerate(pieces[1:])))
    return values

def read_templates(sections, fields, m):
    """Each as literals and, between them, the slots' columns, None for a nested slot; and the number of columns."""
    count, size = fields.varint(), fields.varint()
    need(1 <= count <= m, "more templates than texts")
    part = sections.part(fields, size)
    need(part.count(b"\1") == count and part.endswith(b"\1"), "templates that do not end")
    templates, columns = [], 0
    for template in part[:-1].split(b"\1"):
        pieces = []
        for literal in template.replace(b"\2", b"\0\2").split(b"\0"):
            if pieces and literal.startswith(b"\2"):
                pieces.append(None)
                literal = literal[1:]
            elif pieces:
                code = fields.varint()
                need(code <= columns, "a column that was not named")
                pieces.append(code - 1 if code else columns)
                columns += code == 0
            pieces.append(literal)
        templates.append(pieces)
    return templates, columns

def read_texts(sections, fields, m, times=None):
    """m texts. `times`: the entries' received and event times, of first texts alone."""
    templates, count = read_templates(sections, fields, m)
    places = sections.places(fields, m, len(templates), ()) if len(templates) > 1 else [0] * m
    owners = [[] for _ in range(count)]  # of each column the texts that its values belong to
    nested = 0
    for i, place in enumerate(places):
        for slot in templates[place][1::2]:
            nested += slot is None
            if slot is not None: owners[slot].append(i)
    def base(number, form):
        return [(times[form >> 2][i] & MASK) // 1000 ** (form & 3) for i in owners[number]]
    need(all(owners), "a column without values")
    need(not nested or times, "nested texts within nested texts")
    columns = []
    for owner in owners:
        columns.append(Column(sections, fields, len(owner), columns, base if times else None))
    inner = iter(read_texts(sections, fields, nested) if nested else [])
    values, texts = [iter(column.values) for column in columns], []
    for place in places:
        pieces = list(templates[place])
        pieces[1::2] = [next(inner if slot is None else values[slot]) for slot in pieces[1::2]]
        texts.append(b"".join(pieces))
    return texts

def decode_columns(payload, count, raw_bytes):
    sections = Sections(payload, count, raw_bytes)
    envelope, directory = sections.all[:2]
    received, form = sections.numbers(envelope, count), envelope.byte()
    need(form <= 2, "event times of a form that is not known")
    offsets = sections.numbers(envelope, count) if form else [0] * count
    if form == 2: offsets = [time - since & MASK for time, since in zip(offsets, received)]
    formats = [signed(value) for value in sections.numbers(envelope, count)]
    need(all(-(1 << 31) <= value < 1 << 31 for value in formats), "a log format of more than 32 bits")
    senders = Column(sections, envelope, count).values
    events = [since + offset & MASK for since, offset in zip(received, offsets)]
    texts = read_texts(sections, directory, count, (received, events))
    need(all(section.done() for section in sections.all), "bytes that no column takes")
    need(sum(map(len, texts)) == sections.text_bytes, "texts that are not as long as they should be")
    need(sum(map(len, senders)) == raw_bytes - sections.text_bytes, "senders that are not as long as they should be")
    return list(zip(senders, map(signed, received), map(signed, offsets), formats, texts))

# ---- Format 2: the walk over the frames (format-v2.md, "Reading")
RUN = 64  # frames that name each other are where they belong

class Walk:
    def __init__(self, data, name):
        self.data, self.page, self.slot = data, None, None
        self.find_page(name)
        newest, footer = 0, self.footer()[:512]
        for part, odd in ((data[1024:1536], 1), (data[1536:2048], 0), (footer, 1)):
            slot = unless_damaged(Slot, part, self.tag)
            if not slot: continue
            if part is footer and (not self.slot or self.slot.sealed): newest = 0  # it counts, whatever the page says
            if slot.sequence % 2 == odd and slot.sequence > newest: self.slot, newest = slot, slot.sequence
        # Where the walk is: the next frame's place and ordinal, what it names, and the life of the one before.
        self.at, self.ordinal, self.chain, self.life = 2048, 0, None, (0, 0)
        if self.page: self.at, self.chain = 2048 + 120 + 1024, self.page.first_chain()
        self.digest = 0  # None: not known
        self.promised, self.promised_at = (self.slot.count, self.slot.data_end) if self.slot else (0, 0)
    def find_page(self, name):
        data = self.data
        try:
            self.page = Page(data[:1024])
        except Damaged as error:
            need("not known" not in str(error), str(error))
        tags = []
        for start, end in ((0, 4 << 20), (max(0, len(data) - (1 << 20)), len(data))):
            at = data.find(b"TWLF", start, end)
            while at >= 0 and not self.page:
                try:
                    frame = Frame(data, at, struct.unpack_from("<I", data, at + 80)[0])
                    tags.append(frame.tag)
                    if frame.kind in (HEADER, FOOTER): self.page = Page(frame.payload(data)[-1024:])
                except (Damaged, struct.error):
                    pass
                at = data.find(b"TWLF", at + 1, end)
        digits = os.path.basename(name).partition(".towl")[0]
        need(self.page or tags and digits.isdigit(), "not a towl file")
        self.tag, self.file_id = (self.page.tag, self.page.file_id) if self.page else (tags[0], int(digits))
    def footer(self):
        frame = self.frame(max(0, len(self.data) - 1664))
        return frame.payload(self.data) if frame and frame.kind == FOOTER and self.is_whole(frame) else b""
    def frame(self, at):
        return unless_damaged(Frame, self.data, at, self.tag)
    def is_whole(self, frame):
        return unless_damaged(frame.payload, self.data) is not None
    def is_of_this_life(self, frame):
        if frame.life[0] < self.life[0] or frame.life[0] == self.life[0] and frame.life[1] != self.life[1]:
            return False
        if not self.slot or frame.life[0] > self.slot.life[0]: return True
        if frame.life == self.slot.life:
            return frame.ordinal >= self.slot.life_begin
        return frame.life[0] < self.slot.life[0] and frame.after <= self.slot.life_begin
    def headers(self, at, end=None, step=8):
        """Frames' headers from `at` on, at multiples of `step`, of this life."""
        found = self.data.find(b"TWLF", at, end)
        while found >= 0:
            frame = self.frame(found) if found % step == 0 else None
            if frame and self.is_of_this_life(frame): yield frame
            found = self.data.find(b"TWLF", found + 1, end)
    def run(self, frame):
        """How many frames from this one on name each other, and the last of them."""
        for count in range(1, RUN):
            following = self.frame(frame.end)
            if not following or following.previous != frame.checksum: return count, frame
            frame = following
        return RUN, frame
    def is_linked(self, frame):
        return self.chain is not None and frame.previous == self.chain and frame.ordinal == self.ordinal
    def belongs(self, frame, broken):
        if not self.is_whole(frame): return False
        if self.is_linked(frame) or broken and frame.previous == broken.checksum: return True
        length, last = self.run(frame)
        after = next((other for other in self.headers(last.end, step=1) if other.ordinal >= self.ordinal), None)
        if length == RUN or not after or after.ordinal >= last.after: return True
        other, _ = self.run(after)
        return length > other or length == other and not self.is_linked(after)
    def search(self, at, broken):
        """The first frame from `at` on that belongs; on the way, what headers promise."""
        found = None
        for start, step in ((at + 7 & ~7, 8), (at, 1)):
            for frame in self.headers(start, found.at + 3 if found else None, step):
                if frame.durable > self.promised: self.promised, self.promised_at = frame.durable, frame.at
                if frame.ordinal >= self.ordinal and self.belongs(frame, broken):
                    found = frame
                    break
            if found and self.is_linked(found): break
        return found
    def go_on(self, at, broken, report):
        """What stands here is not the next frame, or not whole: to where it goes on. False: the file ends, for now."""
        what = "a payload that does not fit its checksum" if broken else "what stands here is not the next frame"
        found, here = self.search(at, broken), self.at
        if found and self.slot and found.ordinal > self.ordinal >= self.promised:
            found = found if any(frame.durable > self.ordinal for frame in self.headers(found.at, step=1)) else None
        if found:
            report(here, self.ordinal, max(found.ordinal, self.ordinal), what)
            self.at, self.chain = found.at, self.chain if self.is_linked(found) else None
            lost, self.ordinal = found.ordinal > self.ordinal, max(found.ordinal, self.ordinal)
        elif self.ordinal < self.promised:
            report(here, self.ordinal, self.promised, what)
            by_slot = self.slot and self.slot.count == self.promised
            self.at, self.chain = max(here, self.promised_at), self.slot.chain if by_slot else None
            lost, self.ordinal = True, self.promised
        else:
            return False
        self.digest = None if lost else self.digest
        return True
    def entries(self, report):
        unchecked = self.at  # a part of the frame before that no checksum vouches for begins here
        while True:
            frame = self.frame(self.at)
            good = frame and self.is_of_this_life(frame) and self.chain in (None, frame.previous)
            if good and frame.ends_entries and frame.ordinal >= self.ordinal:
                if self.ordinal < max(frame.ordinal, self.promised):
                    report(self.at, self.ordinal, frame.ordinal, "the last frames of entries are missing")
                    self.ordinal, self.digest = frame.ordinal, None
                break
            good = good and not frame.ends_entries and frame.first == self.ordinal
            if not good or frame.holds_entries and not self.is_whole(frame):
                # A frame that names the damaged one is known to follow.
                if not (self.go_on(self.at + 8, frame, report) if good else self.go_on(unchecked, None, report)): break
                unchecked = self.at
                continue
            if frame.holds_entries: yield from self.take(frame, report)
            unchecked = frame.positions_at if frame.holds_entries else frame.at + 8
            self.at, self.ordinal, self.chain, self.life = frame.end, frame.after, frame.checksum, frame.life
        if self.slot and self.slot.count == self.ordinal and self.digest not in (None, self.slot.digest):
            report(1024, self.ordinal, self.ordinal, "the index page has another digest than the entries")
    def take(self, frame, report):
        if not frame.has_good_positions(self.data):
            report(frame.at, frame.first, frame.first, "positions of sources that do not fit their checksum")
        if frame.kind == DATA and self.digest not in (None, frame.digest):
            report(frame.at, frame.first, frame.first, "the digest of the entries before is another")
        self.digest = frame.digest
        if frame.kind == GAP: return
        try:
            entries = frame.entries(self.data)
        except Damaged as error:
            self.digest = None
            return report(frame.at, frame.first, frame.after, str(error))
        for i, entry in enumerate(entries):
            self.digest = extend_digest(self.digest, *entry)
            yield (self.file_id, frame.first + i) + entry

# ---- The program
def format_time(time):
    seconds, ns = divmod(time, 10**9)
    digits = 0 if ns == 0 else 3 if ns % 10**6 == 0 else 6 if ns % 1000 == 0 else 9
    fraction = ".%0*d" % (digits, ns // 10 ** (9 - digits)) if digits else ""
    return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).isoformat() + fraction + "Z"

def as_json(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return list(data)  # bytes that are no text are an array, as the journal has it

def print_entry(file_id, ordinal, sender, received, offset, log_format, text):
    entry = {"file_id": file_id, "ordinal": ordinal, "sender": as_json(sender)}
    entry.update(time=format_time(signed(received + offset & MASK)), received=format_time(received))
    entry.update(log_format=log_format, log_entry=as_json(text))
    sys.stdout.buffer.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

def read_file(path):
    found = []
    def report(offset, first, last, what):
        lost = "" if last == first else "; entries %d to %s are lost" % (first, "the end" if last is None else last - 1)
        found.append("towl_reader: %s: offset %d: %s%s" % (path, offset, what, lost))
    with open(path, "rb") as file:
        data = file.read()
    entries = read_v1(data, report) if data[:9] == b"towlfile*" else Walk(data, path).entries(report)
    for entry in entries:
        print_entry(*entry)
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0

def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    paths, code = [], 0
    for path in arguments:
        names = os.listdir(path) if os.path.isdir(path) else []
        numbers = sorted(int(name[:-5]) for name in names if name.endswith(".towl") and name[:-5].isdigit())
        paths += [os.path.join(path, "%d.towl" % number) for number in numbers] if names else [path]
    for path in paths:
        try:
            code = max(code, read_file(path))
        except (Damaged, OSError) as error:
            print("towl_reader: %s: %s" % (path, error), file=sys.stderr)
            code = 2
    return code

if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
