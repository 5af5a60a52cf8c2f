# Two commands do everything on a machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
AUDIT := .venv-audit
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header

.PHONY: demo test faults check bench soak screenshots lock build sbom audit clean help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: $(INSTALLED) ## the app on the embedded AWS account: no credentials, no network
	$(BIN)/ecrtui demo

test: $(INSTALLED) ## every test
	$(BIN)/python -m pytest -n auto --dist loadgroup

faults: $(INSTALLED) ## every fault of the catalogue, provoked; writes tests/FAULTS.md
	$(BIN)/python -m tests.faults
	SCHEDULES=1000 $(BIN)/python -m pytest -m fault -n auto --dist loadgroup

check: $(INSTALLED) ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED) ## the figures of the README, as ratios measured in one run
	$(BIN)/python -m pytest tests/benchmarks -q -s -p no:xdist -p no:cacheprovider

soak: $(INSTALLED) ## some eleven minutes of faults on a terminal: first frame, keys, recovery, memory, orphans
	$(BIN)/python -m pytest tests/soak -q -s -p no:xdist -p no:cacheprovider

screenshots: $(INSTALLED) ## SVG and PNG of every screen, from the embedded account
	$(BIN)/python -m tests.screenshots screenshots

build: $(INSTALLED) sbom ## the wheel and the source archive, with what they need (CycloneDX), in dist/
	$(BIN)/python -m hatchling build

sbom: $(AUDIT)/.installed ## the software bill of materials of a wheel with its pinned dependencies: dist/ecrtui.cdx.json
	@mkdir -p dist
	$(AUDIT)/bin/cyclonedx-py requirements constraints-run.txt --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file dist/ecrtui.cdx.json

audit: $(AUDIT)/.installed ## known vulnerabilities of every pinned package; needs the network, and fails without it
	$(AUDIT)/bin/pip-audit --strict --disable-pip --require-hashes -r constraints-run.txt
	$(AUDIT)/bin/pip-audit --strict --disable-pip --require-hashes -r constraints.txt

lock: ## the newest releases that work together, with hashes: constraints.txt (all), constraints-run.txt (run time and demo)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/$(LOCK) --upgrade --extra demo --group dev pyproject.toml -o constraints.txt
	$(BIN)/$(LOCK) --extra demo --constraints constraints.txt pyproject.toml -o constraints-run.txt
	$(BIN)/$(LOCK) --upgrade --group audit -o constraints-audit.txt

clean: ## remove what make made
	rm -rf .venv $(AUDIT) dist

$(INSTALLED): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ecrtui needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(AUDIT)/.installed: constraints-audit.txt
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints-audit.txt
	@touch $@
