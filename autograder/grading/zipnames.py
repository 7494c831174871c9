"""Names in a zip file, in whatever encoding they were written.

A zip says only "UTF-8" or nothing at all, and then Python takes the bytes for the PC's code page 437.
"""

import struct
import zlib

#: (codec, its first level: first and last lead byte, lowest trail byte): the common characters.
CHINESE = [("gb18030", 0xB0, 0xD7, 0xA1), ("big5", 0xA4, 0xC6, 0x40)]


def names(members):
    """The names of ZipInfos with "/" between the parts, best effort: one guess for the whole archive."""
    raw = [None if info.flag_bits & 0x800 else info.orig_filename.encode("cp437", "replace")
           for info in members]
    codec = guess(b"\n".join(name for name in raw if name is not None))
    return [(_unicode_path(info, name) or (info.filename if name is None else name.decode(codec, "replace")))
            .partition("\0")[0].replace("\\", "/") for info, name in zip(members, raw, strict=True)]


def guess(data):
    """The codec of bytes: UTF-8 if they are, else the Chinese one in which more characters are common."""
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    shares = {codec: share for codec, *level in CHINESE
              if (share := _common(data, codec, *level)) is not None}
    best = max(shares, key=shares.get, default="cp437")
    return best if shares.get(best, 0) > 0.5 else "cp437"


def _common(data, codec, first, last, low):
    """Share of the non-ASCII characters that are of the codec's first level; None if it does not decode."""
    try:
        wide = [character.encode(codec) for character in data.decode(codec) if not character.isascii()]
    except UnicodeDecodeError:
        return None
    return sum(len(c) == 2 and first <= c[0] <= last and c[1] >= low for c in wide) / max(len(wide), 1)


def _unicode_path(info, raw):
    """The name in the Info-ZIP Unicode Path field, where it is about this very name."""
    extra = info.extra
    while raw is not None and len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x7075 and size > 5 and extra[5:9] == struct.pack("<I", zlib.crc32(raw)):
            return extra[9:4 + size].decode("utf-8", "replace")
        extra = extra[4 + size:]
    return None
