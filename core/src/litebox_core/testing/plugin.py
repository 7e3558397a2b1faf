"""The pytest plugin: options, markers and fixtures. What the fixtures give is imported when one is asked for."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..config import Options
    from .box import Box
    from .runs import GuestRun, Runner
    from .settings import Settings

MARKERS = (
    "guest(source): the C program that guest_run builds and runs",
    "litebox(plugins=..., override=..., engine=..., deterministic=..., env=..., timeout=..., network=..., DLL=USE): "
    "how box, make_box, run_exe and guest_run choose; the grammar is that of `litebox run`",
    "litebox_each(DLL=[USE, ...]): run the test once with each use of the DLL",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("litebox", "litebox")
    group.addoption("--litebox-plugins", metavar="LIST", help="DLLs to answer for, as for `litebox run --plugins`.")
    group.addoption("--litebox-engine", metavar="NAME", help="What executes guest code, where a test does not say.")


def pytest_configure(config: pytest.Config) -> None:
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    if config.getoption("litebox_plugins") is not None:
        from ..selection import PluginError

        try:
            _defaults(config)
        except PluginError as error:
            raise pytest.UsageError(str(error)) from None


def _defaults(config: pytest.Config) -> "Settings":
    from .settings import Settings

    where = "--litebox-plugins"
    return Settings(where, plugins=config.getoption("litebox_plugins"), engine=config.getoption("litebox_engine"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for marker in metafunc.definition.iter_markers("litebox_each"):
        from ..selection import PluginError
        from .settings import each_use

        try:
            uses = each_use("@pytest.mark.litebox_each", marker.args, marker.kwargs)
        except PluginError as error:
            raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from None
        if "litebox_uses" not in metafunc.fixturenames:
            metafunc.fixturenames.append("litebox_uses")
        ids = [",".join(f"{dll}={use}" for dll, use in one.items()) for one in uses]
        metafunc.parametrize("litebox_uses", uses, ids=ids, indirect=True)
        return  # the closest one


@pytest.fixture
def litebox_uses(request: pytest.FixtureRequest) -> dict[str, str]:
    """Which use of which DLL this run of the test has, by ``@pytest.mark.litebox_each``."""
    uses: dict[str, str] = getattr(request, "param", {})
    return uses


@pytest.fixture
def litebox_settings(request: pytest.FixtureRequest, litebox_uses: dict[str, str]) -> "Settings":
    """What options of pytest and markers ask for, the closest marker first."""
    from ..selection import PluginError
    from .settings import Settings

    try:
        settings = _defaults(request.config)
        for marker in reversed(list(request.node.iter_markers("litebox"))):
            where = "@pytest.mark.litebox"
            if marker.args:
                raise PluginError(f"{where}: {marker.args[0]!r}: write keywords, such as plugins={marker.args[0]!r}")
            settings = Settings.of(where, marker.kwargs).over(settings)
        return Settings("@pytest.mark.litebox_each", uses=litebox_uses).over(settings)
    except PluginError as error:
        pytest.fail(str(error), pytrace=False)


class BoxMaker:
    """``make_box``: makes boxes, and closes them after the test."""

    def __init__(self, folder: str, settings: "Settings") -> None:
        self.folder, self.settings = folder, settings
        self.made: list[Box] = []

    def __call__(self, options: "Options | None" = None, **how: Any) -> "Box":
        """A box: ``make_box(ws2_32="stub")``; keywords as for ``@pytest.mark.litebox``, before which they go.

        With ``options`` these alone count. Raises PluginError, in one line, for what cannot be chosen.
        """
        from .box import Box
        from .settings import Settings

        if options is None:
            options = Settings.of("make_box", how).over(self.settings).options(self.folder)
        box = Box(options)
        self.made.append(box)
        return box


@pytest.fixture
def make_box(
    request: pytest.FixtureRequest, tmp_path: "os.PathLike[str]", litebox_settings: "Settings"
) -> "Iterator[BoxMaker]":
    """Makes boxes with a choice of DLLs: ``make_box(ws2_32="stub")``."""
    maker = BoxMaker(str(tmp_path), litebox_settings)
    yield maker
    try:
        if "no_leaks" in request.fixturenames:
            from .traces import assert_no_leaks

            for box in maker.made:
                assert_no_leaks(box)
    finally:
        for box in maker.made:
            box.close()


@pytest.fixture
def box(make_box: BoxMaker) -> "Box":
    """A process without a program, with every installed plugin or what the markers choose."""
    from ..selection import PluginError

    try:
        return make_box()
    except PluginError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def run_exe(request: pytest.FixtureRequest, tmp_path: "os.PathLike[str]", litebox_settings: "Settings") -> "Runner":
    """Runs a program to its end in ``tmp_path``: ``run_exe(path, *args, stdin=, files=, env=, plugins=, trace=)``."""
    from .runs import Runner

    return Runner(str(tmp_path), litebox_settings, leaks="no_leaks" in request.fixturenames)


@pytest.fixture
def guest_run(request: pytest.FixtureRequest, run_exe: "Runner", tmp_path: "os.PathLike[str]") -> "GuestRun":
    """The program of ``@pytest.mark.guest("name.c")``, which stands beside the test or in its ``programs`` folder."""
    from .runs import GuestRun, program

    marker = request.node.get_closest_marker("guest")
    if marker is None or len(marker.args) != 1:
        pytest.fail('guest_run needs @pytest.mark.guest("program.c")', pytrace=False)
    return GuestRun(program(os.path.dirname(str(request.path)), marker.args[0]), run_exe, str(tmp_path))


@pytest.fixture
def no_leaks() -> None:
    """Fails the test when a box, or a program that it runs, leaves a handle open."""
