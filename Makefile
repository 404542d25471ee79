# Scutch. `make` alone prints this help.

CARGO ?= cargo
PYTHON ?= python3
RUN = $(CARGO) run --release --locked --quiet -p scutch --

# Where cargo puts the binary, wherever CARGO_TARGET_DIR points.
RUN_PATH = $(CARGO) metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1\/release\/scutch/'

.DEFAULT_GOAL := help
.PHONY: help build run test lint bench quality nightly clean

help: ## This help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

build: ## Builds the command line tool
	$(CARGO) build --release --locked -p scutch

run: build ## Cleans the sample crawl in tests/samples into out/samples
	@rm -rf out/samples out/samples.partial
	@$(RUN) run --config config/default.toml --input tests/samples --output out/samples
	@echo
	@$(RUN) inspect out/samples
	@echo
	@echo "Look at it:  out/samples/report.html   or   $(CARGO) run --release -q -p scutch -- inspect out/samples ID"

test: ## All tests: unit, golden, property, command line, readers
	$(CARGO) test --release --locked --workspace
	@scripts/test_readers.sh $(PYTHON)

lint: ## Formatting and lints
	$(CARGO) fmt --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

bench: build ## Speed and memory over 300 MB, by stage (needs SCUTCH_BENCH_DATA)
	@$(PYTHON) scripts/bench.py $$($(RUN_PATH))

quality: build ## The quality tables that the docs quote, and the tests that want real data (needs SCUTCH_BENCH_DATA)
	@scripts/quality.sh $$($(RUN_PATH))
	$(CARGO) test --release --locked --workspace --quiet -- --ignored

# The night's crawl becomes a dataset of its own, without what earlier nights have published.
# An interrupted night is gone on with when the same command is run again.
CRAWL ?= crawl
DATASETS ?= datasets
NIGHT ?= $(shell date +%F)
EARLIER = $(filter-out %.partial $(DATASETS)/$(NIGHT),$(wildcard $(DATASETS)/*))
nightly: build ## CRAWL=folder DATASETS=folder [NIGHT=name]: tonight's dataset
	@mkdir -p $(DATASETS)
	$(RUN) run --config config/default.toml --input $(CRAWL) --output $(DATASETS)/$(NIGHT) \
	  $(if $(EARLIER),--against $(EARLIER)) $(if $(wildcard $(DATASETS)/$(NIGHT).partial),--resume)
	$(RUN) verify $(DATASETS)/$(NIGHT)

clean: ## Removes what was built and what came out
	$(CARGO) clean
	rm -rf out
