"""The messages between checker and student: a JSON header and raw array buffers, no pickle.

Both processes use this file; the student's loads it by its path, so it imports nothing of the package.
A frame is a magic word, two lengths, the header and the buffers in the order in which the header names them.
In the header, None, bool, str, float and small int stand for themselves and everything else is a tagged list:

    ["i", hex]  ["c", re, im]  ["l", items]  ["t", items]  ["d", [key, value, key, value, …]]
    ["a", dtype, shape] array    ["n", dtype] numpy scalar        (their bytes are in the buffers)

Tags that this file does not know (handles, callbacks, generators) go to the `other` function of the caller.
What decodes is made of exact built-in types and base arrays, whatever the sender claims.
"""

import json
import struct

import numpy as np

PREFIX = struct.Struct("<4sIQ")
MAGIC = b"TTN1"
HEADER_BYTES = 4 * 2**20
MAX_DEPTH = 32
MAX_ITEMS = 200_000
MAX_NDIM = 16
INT_BITS = 4096
SMALL_INT = 2**63
DTYPES = frozenset(
    ("|b1", "|i1", "|u1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16")
)


class WireError(ValueError):
    """Something that does not go over the wire, or a frame that is not one."""


class TooLarge(WireError):
    """A frame longer than the receiver allows."""


def refuse(x):
    """The default for what crosses neither by value nor by a tag of the caller."""
    raise WireError(f"cannot be sent: {type(x).__name__}")


class Encoder:
    """Turns values into header items and buffers; `nodes` lists the arrays, dicts and lists on the way."""

    def __init__(self, other=refuse):
        self.other, self.buffers, self.nodes, self.items = other, [], [], 0

    def value(self, x, depth=0):
        """The header item for x; its buffers are appended."""
        kind = type(x)  # never x.__class__, which may lie
        self.items += 1
        if depth > MAX_DEPTH:
            raise WireError(f"nested more than {MAX_DEPTH} deep")
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS} items")
        if x is None or kind is bool:
            return x
        if issubclass(kind, np.ndarray | np.generic):
            return self._array(x, kind)
        # The unbound methods of the base type, so that a subclass has no say.
        if issubclass(kind, str):
            return str.__str__(x)
        if issubclass(kind, float):
            return float.__pos__(x)
        if issubclass(kind, int):
            return self._int(int.__pos__(x))
        if issubclass(kind, complex):
            x = complex.__pos__(x)
            return ["c", x.real, x.imag]
        if issubclass(kind, dict):
            return self._dict(x, depth)
        if issubclass(kind, list):
            self.nodes.append(x)
            return ["l", [self.value(v, depth + 1) for v in list.__iter__(x)]]
        if issubclass(kind, tuple):
            return ["t", [self.value(v, depth + 1) for v in tuple.__iter__(x)]]
        return self.other(x)

    def _array(self, x, kind):
        scalar = issubclass(kind, np.generic)
        flat = np.array(x, copy=True, subok=False, order="C")
        if not flat.dtype.isnative:
            flat = flat.astype(flat.dtype.newbyteorder("="))
        if flat.dtype.str not in DTYPES or (scalar and flat.ndim):
            return str.__str__(x) if issubclass(kind, str) else self.other(x)
        self.buffers.append(flat.tobytes())
        if scalar:
            return ["n", flat.dtype.str]
        self.nodes.append(x)
        return ["a", flat.dtype.str, list(flat.shape)]

    def _int(self, x):
        if -SMALL_INT < x < SMALL_INT:
            return x
        if x.bit_length() > INT_BITS:
            raise WireError(f"an int of more than {INT_BITS} bits")
        return ["i", hex(x)]

    def _dict(self, x, depth):
        if not all(_is_key(k) for k in dict.keys(x)):
            return self.other(x)
        self.nodes.append(x)
        return ["d", [self.value(v, depth + 1) for pair in dict.items(x) for v in pair]]


class Decoder:
    """The way back; `nodes` lists the new arrays, dicts and lists in the order of the Encoder's."""

    def __init__(self, body, other=refuse):
        self.body, self.other, self.offset, self.nodes, self.items = body, other, 0, [], 0

    def value(self, item, depth=0):
        """The value of one header item, checked."""
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise WireError("nested too deeply or too many items")
        if type(item) is str:
            return item.encode("utf-8", "replace").decode()  # a lone surrogate would break the printing of it
        if type(item) is int and not -SMALL_INT < item < SMALL_INT:
            raise WireError("an int out of range")
        if item is None or type(item) in (bool, int, float):
            return item
        if type(item) is not list or not item or type(item[0]) is not str:
            raise WireError("not an item")
        decode = _DECODE.get((item[0], len(item)))
        return decode(self, item, depth + 1) if decode else self.other(item)

    def finish(self):
        """Every byte of the body must have been claimed."""
        if self.offset != len(self.body):
            raise WireError("bytes left over")

    def _int(self, item, _):
        if type(item[1]) is not str or len(item[1]) > INT_BITS // 4 + 3:
            raise WireError("not an int")
        return int(item[1], 16)

    def _complex(self, item, _):
        if type(item[1]) is not float or type(item[2]) is not float:
            raise WireError("not a complex number")
        return complex(item[1], item[2])

    def _list(self, item, depth):
        out = []
        self.nodes.append(out)
        out.extend(self.value(v, depth) for v in _items(item))
        return out

    def _tuple(self, item, depth):
        return tuple([self.value(v, depth) for v in _items(item)])

    def _dict(self, item, depth):
        out = {}
        self.nodes.append(out)
        flat = _items(item)
        if len(flat) % 2:
            raise WireError("a key without a value")
        for k, v in zip(flat[::2], flat[1::2], strict=True):
            key = self.value(k, depth)
            if not _is_key(key):
                raise WireError("not a dict key")
            out[key] = self.value(v, depth)
        return out

    def _buffer(self, name, shape):
        if type(name) is not str or name not in DTYPES:
            raise WireError("dtype not allowed")
        dtype, count = np.dtype(name), 1
        for n in shape:
            if type(n) is not int or not 0 <= n < 2**48:
                raise WireError("not a shape")
            count *= n
        size = count * dtype.itemsize
        if size > len(self.body) - self.offset:
            raise WireError("array longer than its bytes")
        raw = self.body[self.offset : self.offset + size]
        self.offset += size
        return np.frombuffer(raw, dtype) if size else np.empty(0, dtype)

    def _array(self, item, _):
        shape = _items(item, 2)
        if len(shape) > MAX_NDIM:
            raise WireError("too many dimensions")
        out = self._buffer(item[1], shape).reshape(shape).copy()
        if out.dtype == bool:  # a byte other than 0 and 1 is no bool
            out = out.view(np.uint8) != 0
        self.nodes.append(out)
        return out

    def _scalar(self, item, _):
        out = self._buffer(item[1], ())[0]
        return out != 0 if out.dtype == bool else out


_DECODE = {
    ("i", 2): Decoder._int,
    ("c", 3): Decoder._complex,
    ("l", 2): Decoder._list,
    ("t", 2): Decoder._tuple,
    ("d", 2): Decoder._dict,
    ("a", 3): Decoder._array,
    ("n", 2): Decoder._scalar,
}


def _items(item, index=1):
    if type(item[index]) is not list:
        raise WireError("not a list of items")
    return item[index]


def _is_key(k):
    """Text or a small int: of other numbers and of tuples one can make thousands with one hash, which take for ever."""
    kind = type(k)
    return k is None or issubclass(kind, str) or (issubclass(kind, int) and -SMALL_INT < int.__pos__(k) < SMALL_INT)


def pack(header: dict, buffers=()) -> bytes:
    """One frame."""
    head = json.dumps(header, separators=(",", ":")).encode()
    return b"".join((PREFIX.pack(MAGIC, len(head), sum(map(len, buffers))), head, *buffers))


def lengths(prefix: bytes, limit: int) -> tuple[int, int]:
    """Header and body length that a prefix announces."""
    magic, head, body = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("not a frame")
    if head > HEADER_BYTES or head + body > limit:
        raise TooLarge(f"a message of {head + body} bytes")
    return head, body


def header(raw: bytes) -> dict:
    """The parsed header."""
    try:
        out = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise WireError("not a header") from error
    if type(out) is not dict:
        raise WireError("not a header")
    return out
