# Every target sets up what it needs in .venv; only Python 3.11 or newer, make and git are expected.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: bench bench-chain bench-growth check clean pictures coverage demo docs faults-celery faults-mail fuzz help hostile-mail image-check imports lint reference scenario screenshots statements test types

VENV := .venv
BIN := $(VENV)/bin
PYTHONS := python3.14 python3.13 python3.12 python3.11 python3
# A name on the path need not start, and Debian may leave ensurepip out: so each is tried.
FITS := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
JOBS := auto
ARGS :=
ORDERS := 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20

# A few tests take as long as thousands: a process that has done its share takes from the others.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist worksteal
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/installed ## play a complete story on a throw-away database
	$(BIN)/calndro demo

test: $(VENV)/installed-dev ## run the tests; no service is needed (ARGS="-k slot" chooses)
	$(PYTEST) $(ARGS)

check: lint types imports ## lint, types and imports

lint: $(VENV)/installed-dev ## check style and form
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev ## check types
	$(BIN)/mypy src tests typing_tests

imports: $(VENV)/installed-dev ## check who imports whom
	$(BIN)/lint-imports

coverage: $(VENV)/installed-dev ## run the tests and measure what they reach
	$(BIN)/coverage erase
	$(MAKE) test ARGS="--cov --cov-report= $(ARGS)"
	$(BIN)/coverage report --fail-under=100 \
		--include='src/calndro/core/*,src/calndro/ports/*,src/calndro/usecases/*'
	$(BIN)/coverage report --fail-under=95

docs: $(VENV)/installed-docs ## build the documentation in docs/_build; a warning ends it
	$(BIN)/sphinx-build --quiet --fail-on-warning docs docs/_build

reference: $(VENV)/installed-dev ## write the pages of the reference that the code tells
	PYTHONPATH=. $(BIN)/python scripts/reference.py

statements: $(VENV)/installed-dev ## write the statements for SQLite ahead, as SQLAlchemy has them
	PYTHONPATH=. $(BIN)/python scripts/sqlite_statements.py

screenshots: $(VENV)/installed-dev ## take the pictures of all pages again (needs Chromium)
	$(BIN)/python scripts/screenshots.py

faults-mail: $(VENV)/installed-dev ## kill workers while a mail server fails, and count letters
	$(BIN)/python -m tests.faults.mail 60 600
	$(BIN)/python -m tests.faults.notifying 1000

faults: $(VENV)/installed-dev ## break things on SQLite, and see that nothing is lost (minutes)
	$(BIN)/python -m tests.faults.storm sqlite 20
	$(BIN)/python -m tests.faults.storm calm sqlite 10000
	$(BIN)/python -m tests.faults.calls 4
	$(BIN)/python -m tests.faults.cuts full-sqlite 10
	$(BIN)/python -m tests.faults.writers 16 5

faults-long: $(VENV)/installed-dev ## the same for hours, on SQLite, PostgreSQL and MariaDB
	$(BIN)/python -m tests.faults.calls
	for way in full-sqlite cut-postgres cut-mariadb restart-postgres; do \
		$(BIN)/python -m tests.faults.cuts $$way 50 || exit 1; \
	done
	for kind in sqlite postgres mariadb; do \
		$(BIN)/python -m tests.faults.storm $$kind 200 && \
		$(BIN)/python -m tests.faults.storm calm $$kind 100000 || exit 1; \
	done

faults-soak: $(VENV)/installed-dev ## watch a server at half load for 35 minutes
	$(BIN)/python -m tests.faults.soak 30 5

faults-moving: $(VENV)/installed-dev ## move 100,000 entries in, up, down and out, on each database
	for kind in sqlite postgres mariadb; do \
		$(BIN)/python -m tests.faults.moving $$kind 10000 10 || exit 1; \
	done

faults-celery: $(VENV)/installed-dev ## kill workers of Celery in the middle of letters (needs brokers)
	$(BIN)/python -m tests.faults.spread redis://127.0.0.1:6379/13 20 200
	$(BIN)/python -m tests.faults.spread amqp://guest:guest@127.0.0.1:5672// 20 200

hostile-mail: $(VENV)/installed-dev ## write 100,000 letters about hostile titles, and read each twice
	$(BIN)/python -m tests.adapters.hostile 100000

fuzz: $(VENV)/installed-dev ## try each operation with 500 requests made from the description
	CALNDRO_TEST_EXAMPLES=500 $(PYTEST) tests/security/test_schemathesis.py $(ARGS)

scenario: $(VENV)/installed-dev ## play the original's session against a real server
	scripts/scenario.sh

image-check: ## build the image, run it and look (needs Docker or podman)
	python3 scripts/image.py

pictures: $(VENV)/installed ## draw the pictures of the documentation again
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python scripts/picture.py docs/pictures/demo.svg 110 \
		calndro demo
	$(BIN)/python scripts/shell_picture.py docs/pictures/shell.svg

bench: $(VENV)/installed-dev ## measure speed, and write the table of measurements anew
	$(BIN)/python -m benchmarks.everything $(ARGS)

bench-growth: $(VENV)/installed-dev ## measure large databases and memory, for 40 minutes
	$(BIN)/python -m benchmarks.everything --long $(ARGS)

bench-chain: $(VENV)/installed ## measure what the chain costs
	$(BIN)/python benchmarks/chain.py

.PHONY: faults faults-long faults-moving faults-soak
.PHONY: audit flakes lowest mutants package sbom wheel-test

package: $(VENV)/installed-release ## build sdist and wheel, check them, play the demo from the wheel
	rm -rf dist build/wheel
	$(BIN)/python -m build --outdir dist .
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl
	$(BIN)/python -m venv build/wheel
	build/wheel/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	cd build/wheel && bin/calndro demo

wheel-test: package ## run the tests against the built wheel, with no source beside it
	build/wheel/bin/python -m pip install --quiet --disable-pip-version-check \
		"$$(ls dist/*.whl)[mysql,postgres,redis,test]"
	rm -rf build/unpacked
	mkdir -p build/unpacked
	git ls-files -z | grep -zv '^src/' | xargs -0 cp --parents -t build/unpacked
	cd build/unpacked && ../wheel/bin/python -m pytest -n $(JOBS) -m 'not browser' \
		--ignore=tests/test_house.py $(ARGS)

lowest: $(VENV)/installed-release ## run the tests with the oldest libraries that pyproject.toml allows
	rm -rf build/lowest
	$(BIN)/uv venv --quiet --python $(BIN)/python build/lowest
	$(BIN)/uv pip install --quiet --python build/lowest --resolution lowest-direct \
		--editable '.[mysql,postgres,redis,test]'
	build/lowest/bin/python -m pytest -n $(JOBS) $(ARGS)

audit: $(VENV)/installed-release ## look for known faults in what a user installs (asks a public service)
	rm -rf build/audited
	$(BIN)/python -m venv --without-pip build/audited
	$(BIN)/python -m pip --python build/audited install --quiet --disable-pip-version-check \
		'.[mysql,postgres,redis]'
	$(BIN)/python -m pip --python build/audited uninstall --quiet --yes calndro
	$(BIN)/pip-audit --strict --path "$$(build/audited/bin/python -c \
		'import sysconfig; print(sysconfig.get_path("purelib"))')"

sbom: $(VENV)/installed-release ## list what a user installs, as CycloneDX in dist/sbom.json
	rm -rf build/listed
	$(BIN)/python -m venv --without-pip build/listed
	$(BIN)/python -m pip --python build/listed install --quiet --disable-pip-version-check .
	mkdir -p dist
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file dist/sbom.json build/listed

flakes: $(VENV)/installed-dev ## run the tests 20 times, each in another order (ORDERS="1 2" chooses)
	for seed in $(ORDERS); do \
		$(PYTEST) -q -p no:cacheprovider -p randomly --randomly-seed="$$seed" $(ARGS) \
			|| exit 1; \
	done

mutants: $(VENV)/installed-release ## change the core in thousands of ways, and see which no test notices
	CALNDRO_HYPOTHESIS_PROFILE=fixed PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/mutmut run $(ARGS)
	$(BIN)/python scripts/mutants.py access log token

clean: ## remove everything that was made here
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .nox \
		.pytest_cache .ruff_cache build dist docs/_build htmlcov mutants

$(BIN)/python:
	@for python in $(PYTHONS); do \
		if "$$python" -c '$(FITS)' 2>/dev/null; then \
			exec "$$python" -m venv $(VENV); \
		fi; \
	done; \
	echo "calndro needs Python 3.11 or newer with venv; tried: $(PYTHONS)" >&2; \
	exit 1

$(VENV)/installed: pyproject.toml | $(BIN)/python
	@echo "installing calndro in $(VENV)"
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(BIN)/python
	@echo "installing calndro and its tools in $(VENV)"
	@$(INSTALL) --editable '.[lint,mysql,postgres,test]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-docs: pyproject.toml | $(BIN)/python
	@echo "installing what builds the documentation in $(VENV)"
	@$(INSTALL) --editable '.[docs]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-release: pyproject.toml $(VENV)/installed-dev
	@echo "installing what checks a release in $(VENV)"
	@$(INSTALL) --editable '.[release]'
	@touch $@
