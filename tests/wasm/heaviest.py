"""Which functions of a module weigh most: by name, and by the crate or the kind of table.

heaviest.py MODULE [count] [substring]: the module must have its name section.
"""

import re
import sys


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def sections(data):
    at = 8
    while at < len(data):
        kind = data[at]
        size, at = varint(data, at + 1)
        yield kind, data[at : at + size]
        at += size


def names_of(body):
    names = {}
    length, at = varint(body, 0)
    if body[at : at + length] != b"name":
        return names
    at += length
    while at < len(body):
        kind = body[at]
        size, at = varint(body, at + 1)
        if kind == 1:
            count, here = varint(body, at)
            for _ in range(count):
                index, here = varint(body, here)
                length, here = varint(body, here)
                names[index] = body[here : here + length].decode()
                here += length
        at += size
    return names


def plain(name):
    """A mangled name as a path (only what is needed to sort by)."""
    name = re.sub(r"17h[0-9a-f]{16}E$", "E", name)
    if not name.startswith("_ZN"):
        return name
    parts, at = [], 3
    while at < len(name) and name[at].isdigit():
        match = re.match(r"\d+", name[at:])
        at += match.end()
        parts.append(name[at : at + int(match[0])])
        at += int(match[0])
    text = "::".join(parts)
    for code, letter in {"LT": "<", "GT": ">", "RF": "&", "BP": "*", "C": ",", "LP": "(", "RP": ")"}.items():
        text = text.replace(f"${code}$", letter)
    return re.sub(r"\$u([0-9a-f]+)\$", lambda m: chr(int(m[1], 16)), text).replace("..", "::")


def main():
    data = open(sys.argv[1], "rb").read()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    imported, bodies, names, sizes = 0, [], {}, {}
    for kind, body in sections(data):
        sizes[kind] = sizes.get(kind, 0) + len(body)
        if kind == 2:
            imported, _ = varint(body, 0)
        if kind == 10:
            functions, at = varint(body, 0)
            for _ in range(functions):
                size, at = varint(body, at)
                bodies.append(size)
                at += size
        if kind == 0:
            names |= names_of(body)
    print("code", sizes.get(10), "data", sizes.get(11))
    all_ = [(size, plain(names.get(imported + at, "?"))) for at, size in enumerate(bodies)]
    groups = {}
    for size, name in all_:
        group = re.search(r"[a-z_0-9]+", name.lstrip("<&*_("))
        key = group[0] if group else "?"
        for kind in ("btree", "slice::sort", "fmt::", "serde", "postcard", "drop_in_place", "raw_vec"):
            if kind in name:
                key = kind
        groups[key] = groups.get(key, 0) + size
    for key, size in sorted(groups.items(), key=lambda item: -item[1])[:30]:
        print(f"{size:8}  {key}")
    print()
    chosen = [item for item in all_ if only in item[1]]
    print(sum(size for size, _ in chosen), "bytes in", len(chosen), "functions")
    for size, name in sorted(chosen, reverse=True)[:count]:
        print(f"{size:8}  {name[:150]}")


main()
