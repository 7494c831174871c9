"""The chapter on mistakes in notes and books: its experiments show what it says, and no serious mistake is left out."""

import re

import numpy as np
import pytest
from repository import ROOT

from nnlab import claims, landscape, workbook

PAGE = (ROOT / "book" / "en" / "errata.md").read_text(encoding="utf-8")

#: Entry of the list of errata -> label of the section that teaches it right.
ERRATA = {
    "0.1": "errata-indent", "0.2": "errata-indent", "0.3": "errata-sign", "0.5": "errata-sign",
    "0.6": "errata-zigzag", "0.7": "errata-global", "0.8": "errata-zigzag", "0.9": "errata-velocity",
    "0.10": "errata-velocity", "0.12": "errata-eps", "0.13": "errata-adagrad", "0.15": "errata-family",
    "0.18": "errata-symmetry", "0.19": "errata-histogram", "0.21": "errata-bn-notation",
    "0.22": "errata-bn-faster", "0.24": "errata-scale", "0.25": "errata-norm", "0.26": "errata-keep",
    "0.27": "errata-gap", "0.28": "errata-scale-search",
    "1.2": "errata-sign", "1.3": "errata-indent", "1.4": "errata-indent", "1.5": "errata-indent",
    "1.6": "errata-velocity", "1.7": "errata-zigzag", "1.8": "errata-adagrad", "1.11": "errata-family",
    "1.12": "errata-moments", "1.13": "errata-moments", "1.15": "errata-rates", "1.17": "errata-scale",
    "1.18": "errata-symmetry", "1.19": "errata-vanishing", "1.20": "errata-vanishing",
    "1.21": "errata-histogram", "1.22": "errata-histogram", "1.23": "errata-twice",
    "1.25": "errata-histogram", "1.26": "errata-twice", "1.31": "errata-bn-notation",
    "1.32": "errata-bn-test", "1.35": "errata-bn-faster", "1.36": "errata-layers", "1.37": "errata-epochs",
    "1.38": "errata-epochs", "1.39": "errata-epochs", "1.40": "errata-norm", "1.41": "errata-norm",
    "1.42": "errata-gap", "1.43": "errata-keep", "1.44": "errata-keep", "1.45": "errata-gap",
    "1.49": "errata-range", "1.50": "errata-range",
    "2.1": "errata-convex", "2.2": "errata-global", "2.4": "errata-ewma", "2.5": "errata-ewma",
    "2.6": "errata-correction", "2.7": "errata-ewma", "2.8": "errata-factor", "2.10": "errata-eps",
    "2.12": "errata-correction", "2.14": "errata-coins",
    "3.1": "errata-scale-search", "3.2": "errata-scale-search", "3.7": "errata-bn-notation",
    "3.11": "errata-bn-notation", "3.12": "errata-bn-shift", "3.14": "errata-bn-explodes",
    "3.17": "errata-classes", "3.18": "errata-classes", "3.20": "errata-minus", "3.22": "errata-overflow",
    "3.23": "errata-names", "4.1": "errata-names", "4.4": "errata-adagrad", "4.6": "errata-slows",
    "4.8": "errata-vanishing", "4.9": "errata-dead", "4.11": "errata-bn-explodes", "4.15": "errata-clipnorm",
}  # fmt: skip
#: The serious ones (severity A) of each of the five sources.
SERIOUS = {
    0: (1, 2, 3, 5, 9, 12, 15, 22, 25, 26),
    1: (2, 3, 4, 5, 6, 11, 12, 13, 18, 19, 20, 21, 31, 32, 36, 37, 39, 40, 42, 43, 45, 49),
    2: (1, 2, 4, 6, 7, 8, 10, 12),
    3: (2, 7, 11, 12, 14, 17, 18, 20),
    4: (1, 4, 6, 9, 15),
}


def test_every_serious_mistake_has_a_section_on_the_page():
    labels = set(re.findall(r"^\((errata-[a-z-]+)\)=\n#", PAGE, re.MULTILINE))
    missing = {f"{source}.{n}" for source, numbers in SERIOUS.items() for n in numbers} - set(ERRATA)
    assert not missing
    assert set(ERRATA.values()) <= labels


def test_momentum_without_memory_is_plain_descent():
    forgetful = landscape.descend(claims.Forgetful(workbook.load("Momentum")(lr=0.1)))
    np.testing.assert_allclose(forgetful, landscape.descend(workbook.load("SGD")(lr=0.1)), atol=1e-12)
    lost = landscape.f(*landscape.descend(claims.Forgetful(workbook.load("AdaGrad")(lr=1.5)))[-1])
    assert lost == pytest.approx(1.05, abs=0.005)  # reference: 1.05, with the state kept .00072
