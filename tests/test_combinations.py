"""Answers that are wrong in more ways than one, or in odd ways: each gets a message that is clear and true."""

import pytest
from repository import ROOT

from autograder.expectations import FIXED_SEED, LiveExpectations
from autograder.selftest import grade_source
from autograder.solutions import Assignment

SOFTMAX = ("def softmax(z):\n    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
           "    return e / e.sum(axis=1, keepdims=True)\n")
GRADIENT = "def softmax_cross_entropy_gradient(z, t):\n    return (softmax(z) - t) / len(z)\n"


@pytest.fixture(scope="module")
def foundations():
    return Assignment("foundations", ROOT / "solutions")


@pytest.fixture(scope="module")
def batchnorm():
    return Assignment("batchnorm", ROOT / "solutions")


def judged(assignment, exercise, source, seed=4):
    """The Results of the tests of `exercise`, and those of them that failed."""
    results = grade_source(assignment, LiveExpectations(assignment, seed), exercise, source)
    return results, [result for result in results if result.score < result.max_score]


@pytest.mark.parametrize(("body", "message"), [
    ("return (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)).astype(np.float32)",
     "p in the case “rows” has dtype float32, expected float64"),
    ("return np.zeros_like(z, dtype=int)", "p in the case “rows” has dtype int64, expected float64"),
    ("return scores / scores.sum()", "Your code raised NameError: name 'scores' is not defined"),
    ("return scores / scores.sum()",
     "Does your code use a variable of the notebook where it should use its arguments?"),
    ("pass", "p in the case “rows” is None: is a return missing?"),
    ("return z, z", "Your code returned 2 values, expected one: p"),
    ("return z.T", "p in the case “rows” has shape (3, 4), expected (4, 3)"),
    ("return z.tolist()[0][:1] + z.tolist()", "p in the case “rows” is not an array: its rows have different lengths"),
    ("return {'p': z}", "p in the case “rows” is of type dict, expected numbers"),
])
def test_odd_results(foundations, body, message):
    _, failed = judged(foundations, "softmax", f"def softmax(z):\n    {body}\n")
    assert any(message in result.message for result in failed), [result.message for result in failed]
    assert all(result.mistake is None for result in failed)


@pytest.mark.parametrize(("body", "message"), [
    ("return dout", "Your code returned one value of type ndarray, expected 3 values: dx, dgamma, dbeta"),
    ("return dout, dout", "Your code returned 2 values, expected 3: dx, dgamma, dbeta"),
    ("pass", "Your code returned None, expected dx, dgamma, dbeta: is a return missing?"),
])
def test_the_wrong_number_of_results(batchnorm, body, message):
    _, failed = judged(batchnorm, "batchnorm_backward", f"def batchnorm_backward(dout, cache):\n    {body}\n")
    assert any(message in result.message for result in failed), [result.message for result in failed]


def test_prints_and_warnings_cost_nothing(foundations):
    source = SOFTMAX.replace("    e =", "    print('here')\n    import warnings\n    warnings.warn('careful')\n"
                                       "    np.array([0.0]) / 0\n    e =")
    results, failed = judged(foundations, "softmax", source)
    assert results and not failed


def test_an_answer_for_the_visible_sizes_only(foundations):
    source = SOFTMAX.replace("    return", "    e = e[:4, :3].reshape(4, 3)\n    return")
    _, failed = judged(foundations, "softmax", source)
    assert "softmax-sizes" in [result.grade_id for result in failed]
    assert all(result.mistake is None for result in failed)


def test_integers_are_worked_on_as_they_are(foundations):
    """An answer that is right for floats only is not tripped up: the interface says float64."""
    source = "def softmax(z):\n    z = z.copy()\n    z -= z.max(axis=1, keepdims=True)\n    np.exp(z, out=z)\n" \
             "    z /= z.sum(axis=1, keepdims=True)\n    return z\n"
    assert not judged(foundations, "softmax", source)[1]


def test_float32_within_an_optimizer(assignment):
    """The parameters stay float64, but what is remembered of them does not."""
    source = assignment.variant_source("momentum/uphill").replace("-= self.v[key]", "+= self.v[key]").replace(
        "self.v[key] = ", "self.v[key] = np.float32(1) * ").replace("np.zeros_like(params[key])", "0")
    source = source.replace("params[key] += self.v[key]",
                            "self.v[key] = self.v[key].astype(np.float32); params[key] += self.v[key]")
    _, failed = judged(assignment, "momentum", source)
    assert any("The difference is very small: is one of your arrays float32" in result.message for result in failed)
    assert all(result.mistake is None for result in failed)


def test_two_mistakes_at_once_are_both_named(assignment):
    source = assignment.pair_source(("adam/no-eps", "adam/only-m-corrected"))
    _, failed = judged(assignment, "adam", source)
    for result in failed:
        assert "Two known mistakes come together here." in result.message
        assert "is one of your arrays float32" not in result.message
        assert "(adam/no-eps)" in result.message and "(adam/only-m-corrected)" in result.message


def test_two_mistakes_are_named_from_the_students_numbers_too(assignment):
    """`expected.npz` holds enough to tell them."""
    from autograder.expectations import FileExpectations

    file = FileExpectations(ROOT / "exercises" / "en" / "optimizers" / "expected.npz")
    source = assignment.pair_source(("momentum/no-friction", "momentum/uphill"))
    results = grade_source(assignment, file, "momentum", source)
    assert any("(momentum/no-friction)" in result.message and "(momentum/uphill)" in result.message
               for result in results)


@pytest.mark.parametrize("earlier", ["softmax/over-the-batch", "softmax/not-normalized"])
def test_a_right_function_loses_nothing_for_an_earlier_one(foundations, earlier):
    calls = foundations.variant_source(earlier) + "\n\n" + GRADIENT
    results, failed = judged(foundations, "softmax_cross_entropy_gradient", calls)
    assert not failed and any(f"({earlier})" in result.message for result in results)
    on_its_own = foundations.variant_source(earlier) + "\n\n" + SOFTMAX.replace("softmax", "own") + \
        "\n\n" + GRADIENT.replace("softmax(z)", "own(z)")
    results, failed = judged(foundations, "softmax_cross_entropy_gradient", on_its_own)
    assert not failed and any("Accepted: this function is right" in result.message for result in results)


def test_an_earlier_mistake_excuses_no_other(foundations):
    """The mistake is made in this function's own lines, while the earlier function is right: it is not excused."""
    inline = foundations.variant_source("softmax/over-the-batch").replace("softmax", "own") + \
        "\n\n" + GRADIENT.replace("softmax(z)", "own(z)")
    _, failed = judged(foundations, "softmax_cross_entropy_gradient", inline)
    assert failed


@pytest.mark.parametrize(("z", "loss"), [("return z", "return np.sum(p * t)"), (None, "return 0.0 * np.sum(p)")])
def test_two_wrong_functions_that_agree_prove_nothing(foundations, z, loss):
    """The gradient is that of the student's own, wrong loss: it earns nothing by it."""
    gradient = "return t" if z else "return 0 * z"
    source = (f"def softmax(z):\n    {z or 'return 0 * z'}\n\ndef cross_entropy(p, t):\n    {loss}\n\n"
              f"def softmax_cross_entropy_gradient(z, t):\n    {gradient}\n")
    results, failed = judged(foundations, "softmax_cross_entropy_gradient", source)
    assert failed == results
    assert any("which does not pass its own checks: mend that first" in result.message for result in failed)


def test_the_same_mistake_in_lines_of_its_own_is_not_excused(foundations):
    """Both are wrong in the same way, but this one does not call the other."""
    earlier = foundations.variant_source("softmax/over-the-batch")
    source = earlier + "\n\n" + earlier.replace("def softmax", "def softmax_cross_entropy_gradient").replace(
        "(z):", "(z, t):").replace("return e / e.sum(axis=0, keepdims=True)",
                                   "return (e / e.sum(axis=0, keepdims=True) - t) / len(z)")
    assert "- t" in source
    _, failed = judged(foundations, "softmax_cross_entropy_gradient", source)
    assert failed


def test_both_functions_wrong(foundations):
    own = next(id for id in foundations.catalogue["MISTAKES"] if id.startswith("softmax_cross_entropy_gradient/"))
    source = foundations.pair_source(("softmax/not-normalized", own))
    _, failed = judged(foundations, "softmax_cross_entropy_gradient", source)
    assert failed and {result.mistake for result in failed} == {own}


def test_an_unknown_earlier_mistake_is_pointed_at(foundations):
    source = SOFTMAX.replace("return e", "return 1.07 * e") + "\n\n" + GRADIENT
    _, failed = judged(foundations, "softmax_cross_entropy_gradient", source)
    assert failed and all("This test needs softmax too, which does not pass its own checks" in result.message
                          for result in failed)


def test_an_unanswered_earlier_function(foundations):
    source = "def softmax(z):\n    raise NotImplementedError()\n\n\n" + GRADIENT
    _, failed = judged(foundations, "softmax_cross_entropy_gradient", source)
    assert all("not answered yet" in result.message and "or softmax above" in result.message for result in failed)


def test_the_fixed_probe_is_no_special_case(foundations):
    assert not judged(foundations, "softmax", SOFTMAX, FIXED_SEED)[1]
