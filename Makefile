# make serve   set up and start the server with the embedded voices
# make test    set up and pass the tests
# The rest: make help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# An environment whose Python is gone or too old is of no use to anything below.
ifneq ($(wildcard $(VENV)/.),)
ifneq ($(shell $(BIN)/python -c 'import sys; print(sys.version_info >= (3, 11))' 2>&1),True)
$(info hoarfrost: $(VENV) holds no Python 3.11 or later; removing it)
$(shell rm -rf $(VENV))
endif
endif

# What decides without clock, thread or socket, and the tests that are its own.
CORE := src/hoarfrost/units.py,src/hoarfrost/errors.py,src/hoarfrost/text/*,src/hoarfrost/audio/*,src/hoarfrost/protocol/*,src/hoarfrost/synthesis/*,src/hoarfrost/dialogue/*,src/hoarfrost/render.py,src/hoarfrost/offline.py
CORE_TESTS := tests/text tests/audio tests/protocol tests/synthesis tests/dialogue tests/session tests/e2e $(wildcard tests/test_*.py)

# Workers load voices of their own: more of them than these gain little and cost memory.
PARALLEL := --numprocesses auto --maxprocesses 8 --dist worksteal
SET := dev

.DEFAULT_GOAL := help
.PHONY: help serve demo test test-heavy test-attack test-lowest test-wheel test-system test-processors system-packages browser test-browser check coverage test-voice test-interop bench docs lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

serve: $(VENV)/.serve  ## set up and start the server on 127.0.0.1:8000 (PORT=... for another port)
	@$(BIN)/hoarfrost serve $(if $(PORT),--port $(PORT))

demo: $(VENV)/.serve  ## stream a paragraph through a server of its own, write demo.wav
	@$(BIN)/hoarfrost demo -o demo.wav

test: $(VENV)/.$(SET)  ## set up and run the tests, on all cores, in random order (ARGS="..." for pytest)
	$(BIN)/python -m pytest $(PARALLEL) -m "not interop and not heavy and not system and not browser" $(ARGS)

test-heavy: $(VENV)/.$(SET)  ## the proofs that take longer: more examples, longer audio
	$(BIN)/python -m pytest $(PARALLEL) -m "heavy and not interop" $(ARGS)

test-attack: $(VENV)/.$(SET)  ## attacks for minutes, and what callers hear meanwhile
	$(BIN)/python -m pytest tests/attack $(ARGS)
	$(BIN)/python -m benchmarks floods

test-lowest:  ## the tests with the lowest versions of our dependencies that we allow
	$(MAKE) test VENV=.venv-lowest SET=lowest

test-wheel:  ## build the wheel, install it into a bare environment, hear it
	bash .ci/wheel "$(PYTHON)"

# Of the system, for the two below: Debian's packages; elsewhere, install them by hand.
SYSTEM := strace qemu-x86_64 nginx caddy
system-packages:
	@if command -v $(SYSTEM) >/dev/null && [ "$$(command -v $(SYSTEM) | wc -l)" = $(words $(SYSTEM)) ]; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && apt-get install -qq -y --no-install-recommends strace qemu-user nginx-light caddy >/dev/null; \
	else echo "hoarfrost: install $(SYSTEM) with your system's package manager" >&2; exit 1; fi

test-system: $(VENV)/.dev  ## what only other programs show: lookups (strace), proxies (nginx, Caddy)
	$(BIN)/python -m pytest -m system $(ARGS)

# Without AVX, and without AVX-512: numpy, onnxruntime and libsoxr choose other code there.
PROCESSORS := Nehalem Haswell
test-processors: $(VENV)/.dev  ## the arithmetic of older processors (qemu-user, x86-64 only; slow)
	for cpu in $(PROCESSORS); do \
	  qemu-x86_64 -cpu $$cpu $(BIN)/python -m pytest -q -p no:cacheprovider -m arithmetic --ignore=tests/interop $(ARGS) || exit 1; done

# The system's own browser: Playwright drives it, and downloads none.
CHROMIUM := chromium chromium-browser google-chrome
browser:  ## install Chromium (as root, with apt)
	@if command -v $(CHROMIUM) >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; \
	else echo "hoarfrost: install Chromium with your system's package manager" >&2; exit 1; fi

test-browser: $(VENV)/.browser  ## the page in a real browser, accessibility included (needs `make browser`)
	$(BIN)/python -m pytest -m browser tests/browser $(ARGS)

check: $(VENV)/.dev  ## locks, ruff, mypy --strict, import contracts
	$(BIN)/python requirements/complete.py serve dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

coverage: $(VENV)/.dev  ## the core's tests, its protocols over a socket among them, must reach 95 % of its lines
	$(BIN)/python -m pytest -q $(PARALLEL) -m "not heavy" $(CORE_TESTS) --cov --cov-report=
	$(BIN)/coverage report --fail-under=95 --show-missing --include='$(CORE)'

test-voice: $(VENV)/.dev  ## three thousand varied sentences through the natural voices (minutes)
	HOARFROST_SENTENCES=3000 $(BIN)/python -m pytest -q tests/engines/natural/test_engine.py

# Released clients leave connections of their own open when they go: that is no fault of the server.
test-interop: $(VENV)/.interop  ## released clients against the server on a real port (large install)
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/rimelabs.txt
	for release in 0.0.98 1.0.0; do $(PYTHON) -m venv .venv-pipecat-$$release && \
	  .venv-pipecat-$$release/bin/pip install -q --disable-pip-version-check -r requirements/pipecat-$$release.in; done
	cd tests/interop/node && PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-save --no-package-lock ws@8.18.3
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m interop -W ignore::ResourceWarning \
	  -W ignore::pytest.PytestUnraisableExceptionWarning tests/interop

bench: $(VENV)/.dev  ## measure; see benchmarks/README.md
	$(BIN)/python -m benchmarks

docs: $(VENV)/.dev  ## write again what is generated in docs/
	HOARFROST_VOICE_PACKAGES=false $(BIN)/hoarfrost voices --markdown > docs/voices.md

lock: $(VENV)/.dev  ## resolve the dependencies anew
	$(BIN)/python -m pip install -q uv
	cd requirements && $(MAKE) -f lock.mk BIN=../$(BIN)

clean:  ## remove what make has made
	rm -rf $(VENV) .venv-lowest .mypy_cache .ruff_cache .pytest_cache .hypothesis demo.wav

# Each stamp is one locked set and the project itself, editable. Hashes are checked, nothing is
# resolved. Sets agree, so that one environment holds them all.
$(VENV)/.%: requirements/%.txt requirements/environment.sh requirements/complete.py pyproject.toml
	@sh requirements/environment.sh "$(PYTHON)" $(VENV) $*
	@touch $@
