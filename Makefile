# The commands of the course; README.md says what each is for.
# `make V=.venv313 PYTHON=python3.13 test` uses another interpreter and environment.
PYTHON ?= python3
V ?= .venv
BIN := $(V)/bin
export PATH := $(abspath $(BIN)):$(PATH)
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

# PyTorch's build without CUDA for CPython 3.11 on x86-64 Linux, and what the ordinary build would bring besides.
TORCH := torch==2.13.0+cpu --hash=sha256:6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b
NOT_FOR_CPU := torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc \
	nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse \
	nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx

.PHONY: course test book exercises serve sync check lock clean matrix bench soak language

course: $(V)/course.stamp
	$(BIN)/python scripts/course.py

test: $(V)/test.stamp $(V)/oracle.stamp
	$(BIN)/ruff check .
	$(BIN)/python -m pytest

# Mistakes caught and named, other right answers accepted, function by function, on 200 random probes.
matrix: $(V)/test.stamp
	$(BIN)/python tests/matrix.py

# Attacks, damaged submissions, fuzzing, kills at random moments: the long form, half an hour and a few hundred MB.
soak: $(V)/test.stamp
	SOAK=1 $(BIN)/python -m pytest tests/hostile tests/malformed tests/test_intake.py tests/test_kills.py tests/test_crash.py \
		tests/test_cluster.py tests/test_postgresql.py tests/test_similarity.py tests/test_matrix.py

# What grading costs beside stock nbgrader and otter-grader, in one run; writes benchmarks/results.md.
BENCH := _build/bench/venv
bench: $(V)/course.stamp $(BENCH)/bench.stamp
	$(BIN)/python benchmarks/bench.py

$(BENCH)/bench.stamp: requirements-bench.lock | $(BIN)/uv
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(BENCH)
	$(BIN)/uv pip install --quiet --python $(BENCH)/bin/python --require-hashes -r $<
	touch $@

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

# Another language: what it needs, with the English words in it, and a list of what is to be translated.
language: $(V)/test.stamp
	$(BIN)/python scripts/language.py $(LANG)

check: $(V)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/python book/parity.py
	$(BIN)/python scripts/messages.py
	$(BIN)/python scripts/texts.py
	$(BIN)/python scripts/terms.py

lock:
	$(UV_COMPILE) --extra validate --extra test -o requirements-test.lock
	$(UV_COMPILE) --extra book --extra grading -c requirements-test.lock -o requirements-course.lock
	$(UV_COMPILE) -c requirements-test.lock -o requirements.lock
	echo "$(TORCH)" > requirements-oracle.lock
	echo torch==2.13.0 | uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		-c requirements-test.lock $(NOT_FOR_CPU:%=--no-emit-package=%) - >> requirements-oracle.lock
	echo 'otter-grader[grading]==7.0.0' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		-c requirements-test.lock - -o requirements-bench.lock
	echo "uv==$$(uv --version | cut -d' ' -f2)" | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -o requirements-bootstrap.lock

# `make test` installs everything that `make course` does, so either stamp serves the course.
$(V)/test.stamp: requirements-test.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-test.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@ $(V)/course.stamp

# pip, which finds the build without CUDA where it is offered; without it the tests against PyTorch are skipped.
$(V)/oracle.stamp: requirements-oracle.lock | $(V)/test.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< && touch $@ || \
		echo "PyTorch without CUDA is not to be had here: the tests against it are skipped. To run them: pip install torch==2.13.0"

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
