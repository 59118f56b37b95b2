# CollabCanvas: `make run` starts it, `make test` tests it, `make check` is what reviewers need not look for.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT COLLABCANVAS_DATA
# Tools of the virtual environment first; among them Node where the machine has none.
export PATH := $(CURDIR)/$(BIN):$(PATH)

FRONTEND_SOURCES := $(shell find frontend/src frontend/public frontend/build frontend/*.json frontend/*.ts frontend/*.js \
	frontend/*.html 2>/dev/null | grep -v tsbuildinfo)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check corpus install browser clean bench load bench-peers fuzz soak soak-stops image-check pictures

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 13
	@echo
	@echo "Variables: PORT (8000), COLLABCANVAS_DATA (.data), DATABASE_URL (its own PostgreSQL), PYTHON (python3)"

run: $(BIN)/installed frontend/dist/index.html ## Start CollabCanvas at http://localhost:8000
	@exec $(BIN)/python -m collabcanvas.supervisor

test: $(BIN)/installed frontend/dist/index.html browser ## Run the Python, front-end and browser tests
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --durations 15
	cd frontend && npm run test

check: $(BIN)/installed frontend/node_modules/installed ## Formatting, lint, layers, types, migrations, deployment, keys, known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	DEBUG=1 DATABASE_URL=postgresql:///unused $(BIN)/lint-imports
	DEBUG=1 DATABASE_URL=postgresql:///unused $(BIN)/mypy .
	$(BIN)/python manage.py makemigrations --check --dry-run
	DEBUG=1 DATABASE_URL=postgresql:///unused $(BIN)/python -m tests.migration_rules
	DEBUG=0 SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		ALLOWED_HOSTS=collabcanvas.example.org DATABASE_URL=postgresql:///unused \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/shellcheck $$(grep -lE '^#!.*sh$$' deploy.sh .ci/*)
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	.ci/scan-secrets
	.ci/audit-dependencies
	cd frontend && npm run lint
	cd frontend && npm run format:check
	cd frontend && npm run typecheck

corpus: $(BIN)/installed ## Print what the built-in sketcher understands, by family
	$(BIN)/python -m ai_jobs.tests.corpus_report

install: $(BIN)/installed frontend/node_modules/installed ## Install everything that run, test and check need

browser: $(BIN)/installed
	@.ci/find-browser
	@.ci/find-prometheus

bench: $(BIN)/installed ## Measure against the targets (BENCH="--quick", "throughput pickup", "--rounds 5")
	$(BIN)/python -m benchmarks $(BENCH)

load: $(BIN)/installed ## Fifty submissions a second, 200 who poll, 200 sockets, for two minutes; against working in the request
	$(BIN)/python -m benchmarks load

bench-peers: $(BIN)/installed ## Measure other job systems in the same way, in environments of their own (PASSES=3)
	$(BIN)/python -m benchmarks.peers --passes $(or $(PASSES),3) $(PEERS)

fuzz: $(BIN)/installed frontend/dist/index.html ## Send at least 5,000 generated requests to the API (EXAMPLES=150 per address, SEED=826)
	SEED=$(or $(SEED),826) GENERATED_EXAMPLES=$(or $(EXAMPLES),150) GENERATED_AT_LEAST=5000 \
		$(BIN)/python -m pytest -s tests/test_generated_requests.py

soak: $(BIN)/installed ## Kill everything while jobs run, and judge (JOBS=20000 SEED=1)
	$(BIN)/python -m tests.soak --jobs $(or $(JOBS),20000) --seed $(or $(SEED),1)

soak-stops: $(BIN)/installed ## Stop the worker service 100 times while jobs run (STOPS=100)
	STOPS=$(or $(STOPS),100) $(BIN)/python -m pytest tests/soak/test_stops.py

image-check: $(BIN)/installed ## Do all that the Dockerfile says in an empty folder, without Docker, and run it (minutes)
	@.ci/find-node $(BIN)/python
	$(BIN)/python -m tests.image

pictures: $(BIN)/installed frontend/dist/index.html browser ## Take the pictures in docs/images and docs/gallery anew
	$(BIN)/python -m pytest -s tests/pictures.py

clean: ## Remove what make has made, except the data in .data
	rm -rf $(VENV) frontend/node_modules frontend/dist staticfiles .mypy_cache .ruff_cache .pytest_cache

# The stamp is written last, so that an interrupted installation is repeated.
$(BIN)/installed: requirements.txt requirements-dev.txt
	@$(BIN)/python -c '' 2>/dev/null || { .ci/check-python $(PYTHON) && $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing Python packages into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

frontend/node_modules/installed: frontend/package.json frontend/package-lock.json | $(BIN)/installed
	@.ci/find-node $(BIN)/python
	@echo "Installing the front end's packages …"
	@cd frontend && npm ci --no-audit --no-fund --loglevel error
	@mkdir -p $(@D) && touch $@

frontend/dist/index.html: frontend/node_modules/installed $(FRONTEND_SOURCES)
	@.ci/find-node $(BIN)/python
	@echo "Building the front end …"
	@cd frontend && npm run build
	@touch $@
