"""The command group. Commands import what they need when they run, so that ``--help`` and completion stay quick."""

import sys
from typing import Any, ClassVar

import click

from .. import __version__


class LazyGroup(click.Group):
    """Commands by name, imported when asked for; plugins add theirs through ``litebox_commands``."""

    modules: ClassVar[dict[str, str]] = {
        "run": "run", "inspect": "inspect", "dlls": "listing", "exports": "listing", "new": "new", "trace": "tracecmd",
    }  # fmt: skip

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.modules, *self._extra()})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        from importlib import import_module

        if name in self.modules:
            found: click.Command = getattr(import_module(f".{self.modules[name]}", __package__), f"{name}_command")
            return found
        return self._extra().get(name)

    def _extra(self) -> dict[str, click.Command]:
        from ..config import Options
        from ..plugins import PluginError, Plugins

        try:
            offers = Plugins(Options()).manager.hook.litebox_commands()
        except PluginError as error:
            click.echo(f"litebox: {error}", err=True)
            return {}
        return {command.name or "": command for offer in offers for command in offer}


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="litebox")
def cli() -> None:
    """Run Windows console programs on Linux, sandboxed and traceable.

    \b
    litebox run hello.exe                      run a program
    litebox run --trace '*File*' app.exe       and watch its file calls
    litebox inspect app.exe                    what it needs, and who provides it
    litebox new mydll                          begin a DLL of your own
    """


def main(arguments: list[str] | None = None) -> Any:
    """Entry point of the ``litebox`` script."""
    sys.exit(cli.main(args=arguments, prog_name="litebox", standalone_mode=True))
