# Every target sets up .venv by itself; nothing but python3 with venv is needed.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
N := 10000
SEED := 0
# SCHEDULER=tcp://HOST:PORT: verify, trust, mutants and fuzz on a dask cluster.
SCHEDULER :=
ON = $(if $(SCHEDULER),--scheduler $(SCHEDULER))
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start many interpreters: what one has compiled is kept for the next.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help verify trust mutants test test-all readme browser report fuzz litmus lint type bench promote wheel clean
.DEFAULT_GOAL := help

help: $(READY)
	@echo "pinproof is $(BIN)/pinproof"
	@echo
	@echo "make verify    decide every obligation in proofs/ anew and compare with what it expects"
	@echo "make trust     have every verdict confirmed by all who can say something of it"
	@echo "make mutants   score the proofs on sc (of mutants of the code, how many would they notice?) and write that into proofs/"
	@echo "make test      the fast tests"
	@echo "make test-all  all tests"
	@echo "make readme    the commands that README.md and other documents print and that take longer; make test runs the others"
	@echo "make browser   the pages in Debian's Chromium: links, keys, contrast, phone and desk, light and dark"
	@echo "make report    the ledger as a static site in site/"
	@echo "make fuzz      random programs, other names, checks, other ways to ask, broken files: 10000 of each or N=…, from SEED=… on; hours"
	@echo "make litmus    the kernel's litmus tests in ../shared/litmus against their verdicts"
	@echo "make lint      ruff: style and formatting"
	@echo "make type      mypy, strict"
	@echo "make bench     how long the answers take, and how that grows"
	@echo "make promote   write the goldens of the tests, and what verify has found into proofs/"
	@echo "make wheel     a wheel in dist/"
	@echo "make clean     remove what make has made"

verify: $(READY)
	@$(BIN)/pinproof verify --fresh --timeout 120 $(ON)

trust: $(READY)
	@$(BIN)/pinproof verify --trust full --timeout 120 $(ON)

mutants: $(READY)
	@$(BIN)/pinproof verify sc --mutants --promote $(ON)

test: $(READY)
	@$(BIN)/pytest -q -n 2 --dist worksteal

test-all: $(READY)
	@$(BIN)/pytest -q -n 2 -m ""

readme: $(READY)
	@$(BIN)/pytest -q -n 2 -m slow tests/test_readme.py tests/test_documents.py tests/test_specs_readme.py

browser: $(READY)
	@$(BIN)/pytest -q -rs -n 2 -m slow tests/pages

report: $(READY)
	@$(BIN)/pinproof report -o site

fuzz: $(READY)
	@$(BIN)/python -m tests.fuzz --number $(N) --seed $(SEED) $(ON)

litmus: $(READY)
	@$(BIN)/pytest -q -n 2 -m "" -rs tests/litmus/test_shared.py

lint: $(READY)
	@$(BIN)/ruff check -q
	@$(BIN)/ruff format -q --check

type: $(READY)
	@$(BIN)/mypy --no-error-summary

bench: $(READY)
	@$(BIN)/python -m tests.bench

promote: $(READY)
	@$(BIN)/pinproof verify --promote
	@$(BIN)/pytest -q --promote

wheel: $(READY)
	@$(BIN)/pip wheel -q --no-build-isolation --no-deps -w dist .
	@ls dist/*.whl

clean:
	@rm -rf $(VENV) dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find encoder tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml .constraints.txt
	@echo "setting up $(VENV)" >&2
	@python3 -m venv $(VENV)
	@$(BIN)/pip install -q -c .constraints.txt -e '.[dev]'
	@touch $(READY)
