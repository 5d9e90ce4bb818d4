#!/usr/bin/env python3
"""Checks the signed heads of a towl file (../format-v2.md, "Signed heads"), by the specification alone.

    check_heads.py PUBLIC-KEY-IN-HEX FILE

Prints a line for each head; exit code 0: all are signed by the key, and of the file's entries; 1: some are not."""
import hashlib, struct, sys
import towl_reader as towl

HEAD = 7

# ---- Ed25519 (RFC 8032, 5.1.7 and appendix A)
P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, point):
    result = (0, 1, 1, 0)
    while n:
        result = add(result, point) if n & 1 else result
        point, n = add(point, point), n >> 1
    return result

def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P: x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P or x == 0 and sign: raise ValueError("no point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def is_signed(key, message, signature):
    try:
        r, a = point_of(signature[:32]), point_of(key)
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little")
    left, right = times(s, BASE), add(r, times(h % Q, a))
    return s < Q and not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P

# ---- The tree
def sha256(*parts): return hashlib.sha256(b"".join(parts)).digest()

def leaf(entry):
    if entry is None: return sha256(b"\0")
    _, _, sender, received, offset, log_format, text = entry
    return sha256(b"\0", struct.pack("<qqiI", received, towl.signed(offset & towl.MASK), log_format, len(sender)), sender, text)

def tree_hash(leaves):
    if len(leaves) == 1: return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1", tree_hash(leaves[:left]), tree_hash(leaves[left:]))

def main(key, path):
    with open(path, "rb") as file:
        data = file.read()
    walk = towl.Walk(data, path)
    entries = {entry[1]: entry for entry in walk.entries(lambda *_: None)}
    uuid, code, at, seen = data[792:808], 0, 2048, 0
    while frame := walk.frame(at):
        at = frame.end
        if frame.kind != HEAD: continue
        payload, seen = frame.payload(data), seen + 1
        count, when = struct.unpack_from("<Qq", payload, 8)
        signer, signature, peaks = payload[24:56], payload[56:120], payload[120:]
        peaks = [peaks[i : i + 32] for i in range(0, len(peaks), 32)]
        root = peaks.pop()
        while peaks: root = sha256(b"\1", peaks.pop(), root)
        good = payload[:8] == b"\1" + bytes(7) and signer == key and count <= frame.first
        message = b"towl signed head" + uuid + struct.pack("<QQq", walk.file_id, count, when) + root
        good = good and is_signed(key, message, signature)
        of_these = good and root == tree_hash([leaf(entries.get(i)) for i in range(count)])
        print("%d entries: %s" % (count, "proved" if of_these else "other entries" if good else "not signed by the key"))
        code |= not of_these
    return int(code or not seen)

if __name__ == "__main__": sys.exit(main(bytes.fromhex(sys.argv[1]), sys.argv[2]))
