# make run     everything, ready to try in a browser        make test    every test there is
# make train   only train the assistant                     make check   format, lint, types, layers
# make faults  nothing lost: 200 rounds of faults, three seeds, the long fuzz and races     make soak   an hour of 500 customers
# make clean   remove what these made
# ARGS goes to the command: make run ARGS="--port 9000"

SETUP = @tools/python tools/setup.py
WARMLINE := .venv/bin/warmline
.PHONY: run setup train test check format clean faults faults-guards soak
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

faults:
	$(SETUP) test
	$(WARMLINE) train
	@for seed in 1 2 3; do .venv/bin/python -m tests.faults.campaign --rounds 200 --seed $$seed $(ARGS) || exit 1; done
	.venv/bin/python -m tests.faults.campaign --rounds 60 --seed 4 --long --engine-limit 8 $(ARGS)
	FAULTS=full .venv/bin/python -m pytest -q -s -p no:cacheprovider -m "not browser" tests/faults
	FAULTS=full .venv/bin/python -m pytest -q -s -p no:cacheprovider -m browser tests/faults

faults-guards:
	$(SETUP) check
	.venv/bin/python -m tests.faults.guards

soak:
	$(SETUP) check
	.venv/bin/python -m tests.faults.soak $(ARGS)

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
