# The commands of the course; README.md says what each is for.
# `make V=.venv313 PYTHON=python3.13 test` uses another interpreter and environment.
PYTHON ?= python3
V ?= .venv
BIN := $(V)/bin
export PATH := $(abspath $(BIN)):$(PATH)
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

.PHONY: course test book exercises serve sync check lock clean

course: $(V)/course.stamp
	$(BIN)/python scripts/course.py

test: $(V)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/python -m pytest

book: $(V)/course.stamp
	$(BIN)/python book/build.py

exercises: $(V)/course.stamp
	$(BIN)/autograder release

serve: book
	$(BIN)/python -m http.server --directory _build/html 8000

# After an English edit: copy code cells into the translations, compile the message catalogues.
sync: $(V)/test.stamp
	$(BIN)/python book/parity.py --sync
	$(BIN)/python scripts/messages.py --compile

check: $(V)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/python book/parity.py
	$(BIN)/python scripts/messages.py

lock:
	$(UV_COMPILE) --all-extras -o requirements-test.lock
	$(UV_COMPILE) --extra book --extra grading -c requirements-test.lock -o requirements-course.lock
	$(UV_COMPILE) -c requirements-test.lock -o requirements.lock
	echo "uv==$$(uv --version | cut -d' ' -f2)" | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -o requirements-bootstrap.lock

# `make test` installs everything that `make course` does, so either stamp serves the course.
$(V)/test.stamp: requirements-test.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-test.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@ $(V)/course.stamp

$(V)/course.stamp: requirements-course.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-course.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

$(BIN)/uv: requirements-bootstrap.lock
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11 to 3.13 with its venv module is needed: apt-get install python3-venv, or make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making $(V) and installing the locked dependencies …"
	$(PYTHON) -m venv $(V)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	touch $@

# Never touches submitted/, autograded/, feedback/ or gradebook.db.
clean:
	rm -rf _build
