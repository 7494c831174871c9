"""A class of made-up submissions, right, wrong and hostile, in three languages.

    python solutions/sample_class.py FOLDER

writes FOLDER/submitted/<student>/<assignment>/<assignment>.ipynb and FOLDER/expected.json, in which stands
what grading each must give.  `make course` grades it, and the tests are built on it.

For `optimizers` it is the table STUDENTS; in every assignment somebody hands in the solution, and others the
mistakes of the catalogue, one for each function.
"""

import json
import sys
from pathlib import Path

import nbformat

from autograder.checks import ASSIGNMENTS, uses
from autograder.messages import LANGUAGES
from autograder.release import student_version
from autograder.solutions import MARKERS, Assignment

# Right answers in other clothes: {exercise: source}.
LOOPS = {
    "sgd": '''
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key, p in params.items():
            for index in np.ndindex(p.shape):
                p[index] = p[index] - self.lr * grads[key][index]
''',
    "momentum": '''
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(p) for key, p in params.items()}
        for key in params:
            self.v[key] *= self.momentum
            self.v[key] -= self.lr * grads[key]
            params[key] += self.v[key]
''',
}
OTHER_FORMS = {
    # CS231n's Nesterov: the difference of two velocities instead of the gradient.
    "nesterov": '''
class Nesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key in params:
            before = self.v.setdefault(key, np.zeros_like(params[key])).copy()
            self.v[key] = self.momentum * before - self.lr * grads[key]
            params[key] = params[key] - self.momentum * before + (1 + self.momentum) * self.v[key]
''',
    # Momentum as PyTorch has it: the learning rate outside the velocity.
    "momentum": '''
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.buffer = lr, momentum, {}

    def update(self, params, grads):
        for key in params:
            self.buffer[key] = self.momentum * self.buffer.get(key, 0.0) + grads[key]
            params[key] -= self.lr * self.buffer[key]
''',
}
IN_PLACE = {
    "adam": '''
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.state = {}

    def update(self, params, grads):
        for key, g in grads.items():
            m, v, t = self.state.get(key, (np.zeros_like(g), np.zeros_like(g), 0))
            t += 1
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            self.state[key] = m, v, t
            rate = self.lr / (1 - self.beta1 ** t)
            params[key] -= rate * m / (np.sqrt(v / (1 - self.beta2 ** t)) + self.eps)
''',
    "adagrad": '''
class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-7):
        self.lr, self.eps, self.h = lr, eps, {}

    def update(self, params, grads):
        for key in params:
            self.h.setdefault(key, np.zeros_like(params[key]))
            np.add(self.h[key], np.square(grads[key]), out=self.h[key])
            np.subtract(params[key], self.lr * grads[key] / (self.h[key] ** 0.5 + self.eps), out=params[key])
''',
}

RAISES = '''
class RMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr, self.decay_rate, self.eps, self.h = lr, decay_rate, eps, {}

    def update(self, params, grads):
        for key in params:
            self.h[key] = self.decay_rate * self.h[key] + (1 - self.decay_rate) * grads[key] ** 2
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)
'''
LOOPS_FOR_EVER = '''
class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-7):
        self.lr, self.eps = lr, eps

    def update(self, params, grads):
        while True:
            pass
'''
FORGES = '''
import builtins, os, sys

class Always:
    """Equal to everything, larger and smaller than everything, and an array when asked."""
    __array_priority__ = 1e9
    def __eq__(self, other): return True
    def __le__(self, other): return True
    def __ge__(self, other): return True
    def __array__(self, *args, **kwargs): return np.zeros((3, 2))

np.testing.assert_allclose = lambda *args, **kwargs: None
np.allclose = np.array_equal = lambda *args, **kwargs: True
builtins.AssertionError = type("Fine", (Warning,), {})
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("autograder"):
        for name in ("check", "CheckFailed"):
            if hasattr(module, name):
                setattr(module, name, lambda *args, **kwargs: __import__("contextlib").nullcontext())

class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params:
            params[key] = Always()
'''

# (language, {exercise: source} on top of the right solution, exercises lost and the mistake named in each)
WHOLE = dict.fromkeys(("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "nadam"))
STUDENTS = [
    ("right", "en", {}, {}),
    ("loops", "zh-TW", LOOPS, {}),
    ("other-forms", "zh-CN", OTHER_FORMS, {}),
    ("in-place", "en", IN_PLACE, {}),
    ("power-forgotten-tw", "zh-TW", {"adam": "adam/bias-correction-without-power"}, None),
    ("power-forgotten-cn", "zh-CN", {"adam": "adam/bias-correction-without-power"}, None),
    ("uphill", "en", {"sgd": "sgd/uphill"}, None),
    ("velocity-reset", "zh-TW", {"momentum": "momentum/velocity-reset"}, None),
    ("plain-momentum", "zh-CN", {"nesterov": "nesterov/plain-momentum"}, None),
    ("never-forgets", "en", {"rmsprop": "rmsprop/adagrad", "nadam": "nadam/look-ahead-to-this-step"}, None),
    ("no-eps", "zh-TW", {"adagrad": "adagrad/no-eps"}, None),
    ("shared", "zh-CN", {"momentum": "momentum/shared-between-objects"}, None),
    ("stub", "en", {exercise: "" for exercise in WHOLE}, WHOLE),
    ("raises", "zh-TW", {"rmsprop": RAISES}, {"rmsprop": None}),
    ("for-ever", "zh-CN", {"adagrad": LOOPS_FOR_EVER}, {"adagrad": None}),
    ("forger", "en", {"sgd": FORGES}, {"sgd": None}),
]


def write(folder, solutions="solutions"):
    """Write STUDENTS; returns {"optimizers/student": {"language", "lost": {exercise: mistake or None}}}."""
    assignment = Assignment("optimizers", solutions)
    return {f"optimizers/{student}": hand_in(folder, student, assignment, language, answers, lost)
            for student, language, answers, lost in STUDENTS}


def write_catalogue(folder, solutions="solutions", most=None, names=ASSIGNMENTS):
    """Write the solution of each assignment, and at most `most` notebooks with its mistakes; returns as above.

    The k-th has the k-th mistake of every exercise.  Where one exercise may call another, they take turns: a
    right answer must lose nothing for what it calls, and a wrong one is judged beside a right one.
    """
    expected = {}
    for name in names:
        assignment = Assignment(name, solutions)
        expected[f"{name}/solution"] = hand_in(folder, "solution", assignment, "en", {}, {})
        for k, answers in zip(range(most or 10_000), _turns(assignment), strict=False):
            language = list(LANGUAGES)[k % 3]
            student = f"mistakes-{k + 1:02}"
            expected[f"{name}/{student}"] = hand_in(folder, student, assignment, language, answers, None)
    return expected


def _turns(assignment):
    """{exercise: a mistake's id}, again and again until all mistakes have had their turn."""
    ids = {exercise: [id for id in assignment.catalogue["MISTAKES"] if id.startswith(f"{exercise}/")]
           for exercise in assignment.names}
    used = {earlier for exercise in ids for earlier in uses(assignment.name, exercise)}
    slots = {exercise: (range(0, 2 * len(mine), 2) if uses(assignment.name, exercise) else
                        range(1, 2 * len(mine), 2) if exercise in used else range(len(mine)))
             for exercise, mine in ids.items()}
    for k in range(max(slot.stop for slot in slots.values())):
        yield {exercise: ids[exercise][slot.index(k)] for exercise, slot in slots.items() if k in slot}


def hand_in(folder, student, assignment, language, answers, lost):
    """Write one submission; returns what grading it must give."""
    notebook = student_version(assignment, language)
    for cell in notebook.cells:
        exercise = cell.metadata.get("nbgrader", {}).get("grade_id")
        if exercise in assignment.names:
            cell.source = _answer(assignment, exercise, answers.get(exercise), cell.source)
    if len(student) % 2:                # some people try things out in cells of their own
        notebook.cells.append(nbformat.v4.new_code_cell("print('mine')", id="mine"))
    path = Path(folder) / "submitted" / student / assignment.name / f"{assignment.name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return {"language": language, "lost": answers if lost is None else lost}


def differences(results, expected):
    """Where the result dicts of grading this class differ from `expected`, a sentence each."""
    found = {f"{result['assignment']}/{result['student']}": result for result in results}
    for student in sorted(expected.keys() ^ found.keys()):
        yield f"{student}: graded although not expected, or the reverse"
    for student in sorted(expected.keys() & found.keys()):
        result, wanted = found[student], expected[student]
        lost = {}
        for cell in result["cells"]:
            if cell["score"] < cell["max_score"]:
                lost.setdefault(cell["grade_id"].partition("-")[0], set()).add(cell["mistake"])
        got = {exercise: sorted(mistakes, key=str) for exercise, mistakes in lost.items()}
        want = {exercise: [mistake] for exercise, mistake in wanted["lost"].items()}
        if got != want:
            yield f"{student}: points lost in {got}, expected {want}"
        if result["language"] != wanted["language"]:
            yield f"{student}: language {result['language']}, expected {wanted['language']}"


def _answer(assignment, exercise, answer, stub):
    """The source of one answer: None is the solution, "" the stub, an id that mistake, else itself."""
    if answer is None:
        return MARKERS.sub("", assignment.code[exercise])
    if answer == "":
        return stub
    if answer in assignment.catalogue["MISTAKES"]:
        return assignment.variant_source(answer)
    return answer.strip() + "\n"


def main(folder, solutions="solutions"):
    """Write the class of `make course`."""
    expected = write(folder, solutions) | write_catalogue(folder, solutions, most=2)
    (Path(folder) / "expected.json").write_text(json.dumps(expected, indent=1))


if __name__ == "__main__":
    main(sys.argv[1])
