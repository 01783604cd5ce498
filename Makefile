# make serve   set up and start the server with the embedded voices
# make test    set up and pass the tests
# The rest: make help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What decides without clock, thread or socket, and the tests that are its own.
CORE := src/hoarfrost/units.py,src/hoarfrost/errors.py,src/hoarfrost/text/*,src/hoarfrost/audio/*,src/hoarfrost/protocol/*,src/hoarfrost/synthesis/*,src/hoarfrost/dialogue/*,src/hoarfrost/render.py,src/hoarfrost/offline.py
CORE_TESTS := tests/text tests/audio tests/protocol tests/synthesis tests/dialogue $(wildcard tests/test_*.py)

.DEFAULT_GOAL := help
.PHONY: help serve demo test check coverage test-voice test-interop bench bench-voice docs lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

serve: $(VENV)/.serve  ## set up and start the server on 127.0.0.1:8000 (PORT=... for another port)
	@$(BIN)/hoarfrost serve $(if $(PORT),--port $(PORT))

demo: $(VENV)/.serve  ## stream a paragraph through a server of its own, write demo.wav
	@$(BIN)/hoarfrost demo -o demo.wav

test: $(VENV)/.dev  ## set up and run the tests
	$(BIN)/python -m pytest -m "not interop" $(ARGS)

check: $(VENV)/.dev  ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

coverage: $(VENV)/.dev  ## the core's own tests must reach 95 % of its lines
	$(BIN)/python -m pytest -q $(CORE_TESTS) --cov --cov-report=
	$(BIN)/coverage report --fail-under=95 --show-missing --include='$(CORE)'

test-voice: $(VENV)/.dev  ## three thousand varied sentences through the natural voices (minutes)
	HOARFROST_SENTENCES=3000 $(BIN)/python -m pytest -q tests/engines/natural/test_engine.py

test-interop: $(VENV)/.interop  ## released clients against the server on a real port (large install)
	cd tests/interop/node && PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-save --no-package-lock ws@8.18.3
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m interop tests/interop

bench: $(VENV)/.dev  ## measure; see benchmarks/README.md
	$(BIN)/python -m benchmarks

bench-voice: $(VENV)/.dev  ## find or make the Piper voice of real size that is measured with
	$(BIN)/python -m benchmarks.voice

docs: $(VENV)/.dev  ## write again what is generated in docs/
	$(BIN)/hoarfrost voices --markdown > docs/voices.md

lock: $(VENV)/.dev  ## resolve the dependencies anew
	$(BIN)/python -m pip install -q uv
	cd requirements && $(MAKE) -f lock.mk BIN=../$(BIN)

clean:  ## remove what make has made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis demo.wav

# Each stamp is one set of locked packages and the project itself, editable. Hashes are checked.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.%: requirements/%.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --require-hashes -r $<
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch $@
