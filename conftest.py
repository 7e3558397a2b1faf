"""``pytest --engine NAME``: every test of this checkout that does not choose an engine itself has it run guest code."""

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", metavar="NAME", help="What executes guest code: unicorn (the default), native.")


def pytest_configure(config: pytest.Config) -> None:
    engine = config.getoption("--engine")
    if engine:
        os.environ["LITEBOX_ENGINE"] = engine  # boxes read it, and the commands that tests start
