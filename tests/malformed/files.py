"""Malformed files as a table, like notebooks.py: what is done to the bytes of a good notebook."""

import codecs
import json

from notebooks import ALL, Case


def bytes_of(change):
    """A Case's make from a function of the indented text."""
    return lambda data: change(data.decode()).encode()


def comment(text, codec):
    """The notebook in `codec`, with a student's comment in letters that it has."""
    return lambda data: data.decode().replace("class Adam:", f"class Adam:  # {text}", 1).encode(codec, "replace")


def conflict(text):
    upper = "".join(f"{line}\n" for line in text.split("\n"))
    before, line, behind = upper.partition('  "nbformat": 4,\n')
    return f"{before}<<<<<<< HEAD\n{line}=======\n  \"nbformat\": 5,\n>>>>>>> main\n{behind}"


def damage(data):
    """One byte of a Chinese character in the prose is lost."""
    at = data.index("作業".encode())
    return data[:at] + b"\xff" + data[at + 1:]


CHINESE = "動量與學習率：先算一階動量，再算二階動量，最後修正偏差並更新參數。" * 20
SIMPLE = "动量与学习率：先算一阶动量，再算二阶动量，最后修正偏差并更新参数。" * 20

FILES = {
    # encodings
    "UTF-8 with BOM": Case(lambda d: codecs.BOM_UTF8 + d),
    "UTF-16 with BOM": Case(lambda d: d.decode().encode("utf-16"), word="utf-16"),
    "UTF-16 LE without BOM": Case(lambda d: d.decode().encode("utf-16-le"), word="utf-16"),
    "UTF-16 BE without BOM": Case(lambda d: d.decode().encode("utf-16-be"), word="utf-16"),
    "UTF-16 cut inside a character": Case(lambda d: d.decode().encode("utf-16-le")[:-1], word="is damaged"),
    "UTF-32": Case(lambda d: d.decode().encode("utf-32"), word="utf-32"),
    "Big5": Case(comment(CHINESE, "cp950"), word="cp950"),
    "GB18030": Case(comment(SIMPLE, "gb18030"), word="gb18030"),
    "Latin-1": Case(lambda d: json.dumps(json.loads(d)).replace(
        "class Adam:", "class Adam:  # caf\xe9 na\xefve", 1).encode("latin-1"), word="cp1252"),
    "one damaged byte": Case(damage, word="damaged"),
    "NUL bytes at the end": Case(lambda d: d + b"\0" * 4096, word="behind the end"),
    "Windows line ends of JSON": Case(bytes_of(lambda t: t.replace("\n", "\r\n"))),
    # JSON
    "empty": Case(lambda d: b"", ALL, "empty"),
    "only NUL": Case(lambda d: bytes(5000), ALL, "empty"),
    "truncated in the last test": Case(
        bytes_of(lambda t: t[:t.rindex("nadam-learning-rate")]), word="first 50 cells"),
    "truncated before Adam": Case(bytes_of(lambda t: t[:t.index("class Adam:")]),
                                  lost=("adam", "nadam"), word="is damaged"),
    "truncated in the first cell": Case(lambda d: d[:30], ALL, "The file is damaged, and no exercise"),
    "truncated before the exercises": Case(
        bytes_of(lambda t: t[:t.index("class SGD:")]), ALL, "The file is damaged, and no exercise"),
    "truncated before the cells": Case(lambda d: d[:5], ALL, "not a notebook"),
    "comma too many": Case(bytes_of(lambda t: t.rstrip()[:-1].rstrip() + ",\n}"), word="comma too many"),
    "NaN and Infinity": Case(bytes_of(lambda t: t.replace("{", '{"a": [NaN, -Infinity],', 1))),
    "keys twice": Case(bytes_of(lambda t: t.replace("{", '{"cells": [], "metadata": 3,', 1))),
    "number of 100,000 digits": Case(bytes_of(lambda t: t.replace("{", '{"a": ' + "9" * 10**5 + ",", 1))),
    "nested 100,000 deep": Case(bytes_of(lambda t: t.replace("{", '{"a": ' + "[" * 10**5, 1)), ALL, "nested too deep"),
    "a list": Case(bytes_of(lambda t: f"[{t}]"), ALL, "no cells"),
    "twice in one file": Case(lambda d: d + d, word="behind the end"),
    "single quotes": Case(lambda d: repr(json.loads(d)).encode(), ALL, "not a notebook"),
    "merge conflict": Case(bytes_of(conflict), word="git"),
    "a million cells": Case(lambda d: b'{"cells": [' + b"{}," * 10**6 + b"{}]}", ALL, "more parts"),
    "ten million numbers": Case(lambda d: b'{"cells": [' + b"1," * 10**7 + b"1, 1]}", ALL, "more parts"),
    "merge conflict without an end": Case(lambda d: b"<<<<<<< HEAD\n" * 10**6 + d, word="git"),
    # other files under the name of a notebook
    "zip": Case(lambda d: b"PK\x03\x04" + d, ALL, "zip file"),
    "PDF": Case(lambda d: b"%PDF-1.7\n", ALL, "PDF"),
    "HTML export": Case(lambda d: b"\n<!DOCTYPE html><html></html>", ALL, "web page"),
    "Python export": Case(lambda d: b"#!/usr/bin/env python\n# coding: utf-8\n", ALL, "not a notebook"),
    "100 MB and a byte": Case(lambda d: d + b" " * 100 * 2**20, ALL, "larger than 100 MB"),
}
