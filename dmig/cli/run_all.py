"""`dmig run --all`: every operation, then what they say of each other."""

from __future__ import annotations

import json
import sys
from typing import NoReturn

import click

from dmig.cli.progress import watch
from dmig.cli.render_across import render_across, render_all, say_faults
from dmig.pipeline.all_operations import gravest, run_all
from dmig.pipeline.session import Asked


def run_every(asked: Asked, *, as_json: bool, language: str) -> NoReturn:
    """Run all operations and end with the gravest of their exit codes."""
    done, across = run_all(asked, watch())
    say_faults(done, language)
    code = gravest([*(one.exit_code for one in done), int(across["exit_code"])])
    if as_json:
        results = {one.operation: one.result for one in done}
        click.echo(
            json.dumps({"exit_code": code, "operations": results, "across": across}, ensure_ascii=False, indent=2)
        )
    else:
        click.echo("\n".join([render_all(done, language), "", render_across(across, language)]))
    sys.exit(code)
