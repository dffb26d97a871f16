# make run     everything, ready to try in a browser        make test    every test there is
# make train   only train the assistant                     make check   format, lint, types, layers
# make clean   remove what these made
# ARGS goes to the command: make run ARGS="--port 9000"

SETUP = @tools/python tools/setup.py
WARMLINE := .venv/bin/warmline
.PHONY: run setup train test check format clean
.DEFAULT_GOAL := run

run:
	$(SETUP) run
	@exec $(WARMLINE) up --demo $(ARGS)

setup:
	$(SETUP) run

train:
	$(SETUP) run
	@exec $(WARMLINE) train $(ARGS)

test:
	$(SETUP) test
	@exec tools/python tools/test.py

check:
	$(SETUP) check
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python -m pytest -q -p no:cacheprovider tests/test_layers.py

format:
	$(SETUP) check
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

clean:
	rm -rf .venv .venv-engine .tools .warmline .pytest_cache .mypy_cache .ruff_cache .hypothesis .rasa
	find bot actions tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
