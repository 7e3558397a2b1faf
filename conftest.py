"""``pytest --engine NAME``: every test of this checkout that does not choose an engine itself has it run guest code."""

import os
from collections.abc import Iterator

import pytest

from litebox_core.testing import Box, BoxMaker, make_options


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", metavar="NAME", help="What executes guest code: unicorn (the default), native.")


def pytest_configure(config: pytest.Config) -> None:
    engine = config.getoption("--engine")
    if engine:
        os.environ["LITEBOX_ENGINE"] = engine  # boxes read it, and the commands that tests start


@pytest.fixture
def both(request: pytest.FixtureRequest, make_box: BoxMaker, tmp_path: "os.PathLike[str]") -> Iterator[tuple[Box, Box]]:
    """A process that runs the machine code of functions, and one in which those that ``WATCHED`` of the test's module
    names are watched, and so answer themselves."""
    from litebox_core.trace import start_tracing

    options = make_options(str(tmp_path))
    options.trace = request.module.WATCHED
    options.trace_outputs = [f"json:{os.path.join(tmp_path, 'trace')}"]
    watched = make_box(options)
    tracing = start_tracing(watched.process)
    yield make_box(), watched
    tracing.close()
