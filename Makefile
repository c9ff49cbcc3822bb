# make run    set up, then a live session with a simulated participant
# make test   set up, then linters, types, layers, and all tests with branch coverage
.PHONY: run test lint clean
BIN := .venv/bin

run:
	@tools/setup.sh
	@$(BIN)/insula run --simulate

test: lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0 --cov --cov-report=term

lint:
	@tools/setup.sh dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .coverage
