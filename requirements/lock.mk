# Makes the lock files from pyproject.toml; called by `make lock` with BIN, where uv is.
# The largest set is resolved first and constrains the others, so that they agree.
# The other servers of the benchmarks stand for themselves.
RESOLVE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --no-annotate
COMPILE = $(RESOLVE) ../pyproject.toml build.in

.PHONY: all
all:
	$(COMPILE) --extra dev --extra interop -o interop.txt
	$(COMPILE) -c interop.txt --extra dev -o dev.txt
	$(COMPILE) -c interop.txt --extra dev --extra browser -o browser.txt
	$(COMPILE) -c interop.txt -o serve.txt
	$(RESOLVE) ../pyproject.toml --resolution lowest-direct -o lowest-serve.txt
	$(COMPILE) -c lowest-serve.txt --extra dev -o lowest.txt
	rm lowest-serve.txt
	$(RESOLVE) peers.in -o peers.txt
