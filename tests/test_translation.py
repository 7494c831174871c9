"""The translations beyond the book's structure: their words, what is stale, and how another language is begun."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import opencc
import pytest
from repository import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import terms
import texts

#: What has three languages, and what of it a language consists of.
COURSE = ("_config.yml", "README*.md", "terms.csv", "book/*", "scripts/*", "solutions/*", "autograder", "nnlab")


@pytest.fixture(scope="module")
def every():
    """All texts beside their translations."""
    return list(texts.texts())


def test_every_text_has_its_translation_and_it_is_not_stale(every):
    assert list(texts.problems(every)) == []
    assert {text.kind for text in every} == {"sections", "exercise texts", "texts of mistakes", "messages",
                                             "words of the site", "README sections"}


def test_the_translations_use_their_own_words(every):
    assert terms.check(every) == []
    assert sum(len(terms.used(text.english)) for text in every) > 4000


@pytest.mark.parametrize(("language", "other", "how"), [("zh-TW", "zh-CN", "s2t"), ("zh-CN", "zh-TW", "t2s")])
def test_a_converted_text_is_rejected(every, language, other, how):
    """The other book in this script: right characters, wrong words."""
    convert = opencc.OpenCC(how).convert
    theirs = {text.where: text.translation for text in every if text.language == other}
    pages = {}
    for text in every:
        if text.language == language and text.kind == "sections":
            converted = text._replace(translation=convert(theirs[text.where]))
            pages.setdefault(text.where.partition("#")[0], []).extend(terms.problems(converted))
    chapters = {page: found for page, found in pages.items() if page not in ("bibliography", "glossary", "index")}
    assert len(chapters) == 12 and all(len(found) >= 10 for found in chapters.values()), {
        page: len(found) for page, found in chapters.items()}


@pytest.mark.parametrize(("language", "english", "translation", "said"), [
    ("zh-TW", "The variance of the batch.", "這個批次的方差。", "“variance” is not called 變異數"),
    ("zh-TW", "The variance of the batch.", "這個批次的方差。", "“方差” is not said here but 變異數"),
    ("zh-TW", "It runs.", "运行這個程式。", "“运” is a character of the other script"),
    ("zh-TW", "Normalization helps.", "正規化和標準化有幫助。", "“正規化” is not said here"),
    ("zh-TW", "The first row is right.", "第一列是對的。", "rows and columns are named without axis"),
    ("zh-CN", "The default value.", "预设的默认值。", "“预设” is not said here but 默认"),
    ("zh-CN", "He said yes.", "他说「是」。", "“「” is not said here but “”"),
    ("zh-CN", "A batch.", "一個批量。", "“個” is a character of the other script")])
def test_each_wrong_word_is_named(language, english, translation, said):
    text = texts.Text("sections", language, "page#section", english, translation)
    assert said in "\n".join(sentence for _, sentence in terms.problems(text))


@pytest.mark.parametrize(("english", "translation"), [
    ("The `variance` and [this](batch.md)", "`variance`，[這裡](batch.md)"),    # code and links are no words
    ("The batch size is 8.", "批次大小是 8。"),                                      # no batch besides
    ("The first row is right.", "第一列（`axis=0`）是對的。"), ("The exercise passes.", "這一題通過了。")])
def test_right_words_pass(english, translation):
    assert list(terms.problems(texts.Text("sections", "zh-TW", "page#section", english, translation))) == []


def test_an_exception_that_nothing_needs_is_named(every):
    some = [text for text in every if text.kind == "words of the site"]
    assert len(terms.check(some)) == len(terms.rows("scripts/exceptions.csv"))


def test_a_changed_text_is_named(every):
    for kind in texts.RECORDED:
        text = next(text for text in every if text.kind == kind)
        changed = text._replace(english=text.english.replace("a", "the", 1))
        assert any("has changed since it was translated" in line for line in texts.problems([changed]))
        (line,) = texts.problems([text._replace(translation=" ")])
        assert line == f"{text.language} {text.where}: not translated"


def test_another_formula_is_named(every):
    text = next(text for text in every if text.where == "optimizers before sgd" and text.language == "zh-CN")
    changed = text._replace(translation=text.translation.replace(r"\eta", r"\alpha", 1))
    assert len(list(texts.problems([changed]))) == 2         # one is missing, one is not in the English


# --- a fourth language ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def japanese(tmp_path_factory):
    """(a copy of the course in which Japanese was begun, what the command said)."""
    folder = tmp_path_factory.mktemp("course")
    for pattern in COURSE:
        for path in ROOT.glob(pattern):
            to = folder / path.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, to)
    return folder, run(folder, "scripts/language.py", "ja").stdout


def run(folder, *command):
    """Run a program of the copy on the copy's own packages."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)


def test_a_begun_language_has_everything_and_says_what_is_to_be_done(japanese, every):
    folder, said = japanese
    pages = {path.name for path in (ROOT / "book" / "en").iterdir()}
    assert {path.name for path in (folder / "book" / "ja").iterdir()} == pages
    for kind in ("sections", "exercise texts", "texts of mistakes", "README sections"):
        count = sum(text.kind == kind and text.language == "zh-TW" for text in every)
        assert f"{count:5} {kind}" in said
    for path in (folder / "solutions").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert text.count('"lang": "ja"') == text.count('"lang": "en"') > 0
    assert run(folder, "scripts/language.py", "ja").returncode == 0     # once more changes nothing
    assert run(folder, "scripts/language.py", "Japanese please").returncode == 1


def test_each_check_names_what_is_not_translated(japanese):
    folder, _said = japanese
    for program, line in (("book/parity.py", "section sgd-zigzag: not translated"),
                          ("scripts/messages.py", "ja/LC_MESSAGES/optimizers.po: not translated: 'sgd/uphill:what'"),
                          ("scripts/texts.py", "ja optimizers before sgd: not translated, or not accepted"),
                          ("scripts/terms.py", "ja sgd#sgd-zigzag: “gradient descent” is not called anything")):
        found = run(folder, program)
        assert found.returncode == 1 and line in found.stdout, (program, found.stdout[-500:], found.stderr[-500:])
        assert not [line for line in found.stdout.splitlines() if "zh-" in line.partition(":")[0]]


def test_when_all_is_translated_and_accepted_the_checks_pass(japanese, tmp_path):
    """With the English words for Japanese ones; and the exercise is released in it."""
    folder = Path(shutil.copytree(japanese[0], tmp_path / "course"))
    fill = """if True:
        import csv, sys
        sys.path.insert(0, "scripts")
        import messages
        for domain, (_, ids) in messages.domains().items():
            catalogue, english = messages.read(domain, "ja"), messages.read(domain, "en")
            for id in ids:
                catalogue.get(id).string = english.get(id).string if english.get(id) else id
            messages.write(domain, "ja", catalogue)
        messages.compile_all()
        rows = list(csv.DictReader(open("terms.csv", encoding="utf-8")))
        for row in rows:
            row["ja"], row["match"] = row["english"], "-"
        with open("terms.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    """
    assert run(folder, "-c", fill).returncode == 0
    pages = [argument for path in (folder / "book" / "ja").glob("*.md") for argument in ("--accept", str(path))]
    run(folder, "book/parity.py", *pages)
    run(folder, "scripts/texts.py", "--accept", "ja", "")
    for program in ("book/parity.py", "scripts/messages.py", "scripts/texts.py"):
        found = run(folder, program)
        assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-2000:]
    assert "ja" not in run(folder, "scripts/terms.py").stdout.replace("exceptions.csv", "")
    release = ("from autograder.release import student_version; from autograder.solutions import Assignment; "
               "import json; print(student_version(Assignment('optimizers'), 'ja').cells[0].source)")
    assert run(folder, "-c", release).stdout.startswith("# Assignment: optimizers")
    assert json.loads((folder / "scripts" / "accepted.json").read_text(encoding="utf-8"))["ja"]
