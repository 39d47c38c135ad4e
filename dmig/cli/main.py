"""The command line. Commands are imported only when called, so that `dmig --help` stays quick."""

from __future__ import annotations

import importlib
import os
import sys

import click

import dmig
from dmig.cli.commands import COMMANDS
from dmig.pipeline.guard import refuse_harmful_environment


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        refuse_harmful_environment()
        command: click.Command = importlib.import_module(f"dmig.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands from `COMMANDS`, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in COMMANDS])


@click.command(cls=LazyGroup)
@click.version_option(dmig.__version__, prog_name="dmig")
def cli() -> None:
    """自治体基幹システムのデータ移行と検証 / data migration and validation for municipal registers."""


def main() -> None:
    """Entry point: every expected fault ends with its message, its remedy and its exit code."""
    from dmig.errors import DmigError, SpecError

    language = "en" if os.environ.get("DMIG_LANG") == "en" else "ja"
    try:
        cli(standalone_mode=True)
    except SpecError as error:
        from dmig.cli.render import render_diagnostics

        click.echo(render_diagnostics(error.diagnostics, language), err=True)
        sys.exit(3)
    except DmigError as error:
        click.echo(error.render(language), err=True)
        sys.exit(int(error.exit_code))
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # panics of native code are no `Exception`
        from dmig.cli.render import render_program_fault

        click.echo(render_program_fault(error), err=True)
        sys.exit(70)
