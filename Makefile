# make demo    run the service, a pretend casino, a hostile site, a sample AI agent and a pretend helpdesk
# make test    the whole suite, installing what it needs · make test-long  the few that take most of a minute each
# make lint    ruff, mypy, import contracts, TypeScript's checker on the JavaScript
# make bench   figures as ratios · make soak  crashes, races and long runs · make wheel-test  the built wheel
# make bench-browser  what players and operators' pages notice · make weight  the bytes that a player's browser fetches
# make engines  the messenger in Firefox and WebKitGTK, as far as they are installed (firefox-esr, webkit2gtk-driver, xvfb)
# make lock    pin the dependencies again · make clean  remove what make made
# Choose another interpreter with PYTHON=…, a part of the suite with TESTS="tests/test_origins.py -x".

.POSIX:
.SUFFIXES:
.PHONY: demo test test-long lint bench bench-browser soak weight engines wheel-test lock clean

VENV = .venv
BIN = $(VENV)/bin
RUN_READY = $(VENV)/.ready-to-run
TEST_READY = $(VENV)/.ready-to-test
PARALLEL = -n 2 --dist loadfile --no-loadscope-reorder
TESTS = tests e2e
# Many processes start: what Python has compiled is kept for the next one, within the environment, even where the shell
# says PYTHONDONTWRITEBYTECODE; that is half of what a start costs.
KEEP = PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX="$$PWD/$(VENV)/bytecode"

demo: $(RUN_READY)
	@$(KEEP) $(BIN)/widget-service demo

test: $(TEST_READY)
	@sh setup/machine.sh browser postgres redis pgbouncer node npm php curl prototype
	$(KEEP) $(BIN)/pytest $(PARALLEL) $(TESTS)

test-long: $(TEST_READY)
	@sh setup/machine.sh browser postgres redis pgbouncer
	$(KEEP) $(BIN)/pytest $(PARALLEL) -m long $(TESTS)

engines: $(TEST_READY)
	$(KEEP) $(BIN)/python -m e2e.engines

wheel-test: $(TEST_READY)
	$(KEEP) $(BIN)/pytest tests/test_wheel.py

lint: $(TEST_READY)
	@sh setup/machine.sh node npm
	@failed=; for check in "$(BIN)/ruff check ." $(BIN)/mypy "$(BIN)/lint-imports --no-logo" "sh setup/tsc.sh"; do \
	  echo "$$check"; $$check || failed="$$failed, $$check"; \
	done; [ -z "$$failed" ] || { echo "failed$$failed" >&2; exit 1; }

bench: $(TEST_READY)
	@sh setup/machine.sh postgres redis
	$(KEEP) $(BIN)/python -m bench

bench-browser: $(TEST_READY)
	@sh setup/machine.sh browser
	$(KEEP) $(BIN)/python -m bench browser

soak: $(TEST_READY)
	@sh setup/machine.sh postgres redis
	$(KEEP) $(BIN)/python -m bench.soak

weight: $(TEST_READY)
	@$(KEEP) $(BIN)/python -m bench.weight

# Everything pinned, for tests; and only what the service itself needs, in the same versions.
lock: $(TEST_READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade \
	  --python-version 3.11 --all-extras pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade \
	  --python-version 3.11 --extra postgres --extra redis -c requirements.lock pyproject.toml -o requirements-runtime.lock

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_READY): requirements-runtime.lock pyproject.toml setup/venv.sh
	@PYTHON="$(PYTHON)" sh setup/venv.sh $(VENV) requirements-runtime.lock
	@touch $@

$(TEST_READY): requirements.lock pyproject.toml setup/venv.sh
	@PYTHON="$(PYTHON)" sh setup/venv.sh $(VENV) requirements.lock
	@touch $(RUN_READY) $@
