"""The student's side of a notebook: one namespace, cells, and what becomes of their exceptions.

Only the process in the sandbox loads this file (by its path: it imports nothing of the package).
"""

import ast
import builtins
import contextlib
import linecache
import re
import sys
import types

import numpy as np

MESSAGE_CHARS = 4_000
TRACEBACK_FRAMES = 12
DEEP = 40

main = types.ModuleType("__main__")
namespace = main.__dict__
sources = set()


class Shell:
    """Stands in for IPython's shell: every method exists and does nothing."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def display(*objects, **_):
    """Stands in for IPython's display."""
    for x in objects:
        print(repr(x))


builtins.get_ipython = Shell
builtins.display = display
sys.modules["__main__"] = main


def without_magics(source):
    """The source with IPython's lines blanked: %magic, !shell, x = !shell, ?help, %%cell magic."""
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        is_python = first[2:].split(" ")[0] in ("time", "timeit", "capture", "prun")
        return "\n" + without_magics(rest) if is_python else ""
    source = re.sub(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", r"\1pass", source, flags=re.MULTILINE)
    return re.sub(r"^([ \t]*[\w, ]+?=[ \t]*)[!%].*$", r"\1None", source, flags=re.MULTILINE)


def run(source, name):
    """Executes one cell in the namespace."""
    filename = f"<{name}>"
    try:
        ast.parse(source, filename)
    except SyntaxError:
        source = _mended(source, filename)
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    sources.add(filename)
    exec(compile(source, filename, "exec", dont_inherit=True), namespace)


def _mended(source, filename):
    """Without magics, if that compiles; else as it was, so that the error shows the student's own text."""
    mended = without_magics(source)
    try:
        ast.parse(mended, filename)
    except SyntaxError:
        return source
    return mended


def label(x):
    """A word or two on what an object is."""
    try:
        name = f"class {x.__name__}" if isinstance(x, type) else type(x).__name__
        return str.__str__(name)[:80]
    except BaseException:  # anything can be raised here
        return "object"


def describe(error):
    """An exception as [type, message, traceback], whatever its own methods do."""
    try:
        message = str.__str__(str(error))[:MESSAGE_CHARS]
    except BaseException as second:  # anything can be raised here
        message = f"<the exception's own text raised {label(second)}>"
    return [label(error), message, traceback(error)]


def traceback(error):
    """The student's frames, the last ones."""
    lines, step = [], error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename in sources:
            text = linecache.getline(code.co_filename, step.tb_lineno).strip()
            where = f'File "{code.co_filename}", line {step.tb_lineno}, in {code.co_name}'
            lines.append(f"{where}\n    {text[:200]}")
        step = step.tb_next
    if len(lines) > TRACEBACK_FRAMES:
        lines[: -TRACEBACK_FRAMES + 1] = [f"… {len(lines) - TRACEBACK_FRAMES + 1} more"]
    if isinstance(error, SyntaxError):
        lines.append(f'File "{error.filename}", line {error.lineno}\n    {str(error.text).strip()[:200]}')
    return "\n".join(lines)


def exception(type_name, message):
    """An exception of the checker's, for the student's code that called back."""
    kind = getattr(builtins, type_name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return RuntimeError(f"{type_name}: {message}")
    try:
        return kind(message)
    except TypeError:
        return RuntimeError(f"{type_name}: {message}")


def flush(stream):
    """Pushes out what was printed; the student may have closed or replaced anything."""
    with contextlib.suppress(Exception):
        stream.flush()


def generator(kind, bits):
    """A new Generator or RandomState."""
    return getattr(np.random, kind)(getattr(np.random, bits)(0))


def get_state(generator):
    """The state of a Generator or RandomState."""
    if isinstance(generator, np.random.RandomState):
        return generator.get_state(legacy=False)
    return generator.bit_generator.state


def set_state(generator, state):
    """Puts a Generator or RandomState into a state."""
    if isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    else:
        generator.bit_generator.state = state


def same(a, b, depth=0):
    """Equal to the last bit: types, order of keys, shapes, dtypes, NaN; the same object for the rest."""
    if a is b:
        return True
    if type(a) is not type(b) or depth > DEEP:
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()), depth)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y, depth + 1) for x, y in zip(a, b, strict=True))
    return type(a) in (bool, int, float, complex, str) and repr(a) == repr(b)
