"""The command line: arguments to a source of stops, and that to the app or a trace. Imports both sides late."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import click

from gradstep import __version__
from gradstep.findings import KINDS
from gradstep.model.message import Launch

if TYPE_CHECKING:
    from gradstep.source.live import LiveSource

_PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}
_LESSONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lessons")


def fail(text: str) -> NoReturn:
    """One line for people, and exit code 2."""
    click.echo(f"gradstep: {text}", err=True)
    sys.exit(2)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradstep")
@click.pass_context
def main(context: click.Context) -> None:
    """Step through backpropagation, one phase per key. Without a command: the lessons."""
    if context.invoked_subcommand is None:
        _need_terminal()
        from gradstep.app.app import GradstepApp

        app = GradstepApp(open_lesson=lambda path: _live(_launch(str(path), (), False, None, None, None)))
        app.run()
        sys.exit(app.return_code or 0)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that stand before PROGRAM."""
    for option in (
        click.argument("args", nargs=-1, type=click.UNPROCESSED),
        click.argument("program", required=False),
        click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does."),
        click.option("--device", help="Default device for a program that names none: cpu, cuda, cuda:1, mps, xpu."),
        click.option("--seed", type=int, help="Seed for torch, random and numpy; else drawn and shown."),
        click.option("--stops", type=click.IntRange(1), help="End after this many stops."),
    ):
        command = option(command)
    return command


@main.command(context_settings=_PASS_ON)
@_options
def run(
    program: str | None,
    args: tuple[str, ...],
    module: str | None,
    device: str | None,
    seed: int | None,
    stops: int | None,
) -> None:
    """Step through PROGRAM: a .py file, an .ipynb notebook, or -m MODULE. ARGS are its own."""
    launch = _launch(program, args, module, device, seed, stops)
    _need_terminal()
    source = _live(launch)
    from gradstep.app.app import GradstepApp

    app = GradstepApp(source)
    app.run()
    sys.exit(app.return_code or 0)


@main.command(context_settings=_PASS_ON)
@_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a stop, one a line.")
@click.option("--ops", is_flag=True, help="Stop after each op of forward and each node of backward too.")
@click.option("--fail-on", multiple=True, type=click.Choice(KINDS), help="Exit with 3 if this finding is met.")
def trace(
    program: str | None,
    args: tuple[str, ...],
    module: str | None,
    device: str | None,
    seed: int | None,
    stops: int | None,
    as_json: bool,
    ops: bool,
    fail_on: tuple[str, ...],
) -> None:
    """Write the stops of PROGRAM without a screen: a table, or --json. The program's output goes to stderr."""
    launch = _launch(program, args, module, device, seed, stops)
    from gradstep.trace import trace as write

    sys.exit(write(_live(launch, quiet=True), as_json, fail_on, sys.stdout, ops))


@main.command(context_settings=_PASS_ON)
@_options
@click.option("-k", "--keys", default="", help="Keys to press, with spaces between: 'space space z'.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The SVG file to write.")
@click.option("--size", default="120x36", metavar="COLUMNSxROWS", help="Size of the screen.")
def screenshot(
    program: str | None,
    args: tuple[str, ...],
    module: str | None,
    device: str | None,
    seed: int | None,
    stops: int | None,
    keys: str,
    output: str,
    size: str,
) -> None:
    """Write the screen as it is after those KEYS as an SVG picture, without a terminal."""
    if not os.path.isdir(os.path.dirname(os.path.abspath(output))):
        fail(f"{output}: no such folder")
    columns, _, rows = size.partition("x")
    if not (columns.isdigit() and rows.isdigit()):
        fail(f"--size {size}: write it as 120x36")
    source = _live(_launch(program, args, module, device, seed, stops))
    import asyncio

    from gradstep.app.app import GradstepApp
    from gradstep.app.shot import shoot

    picture = asyncio.run(shoot(GradstepApp(source), keys.split(), (int(columns), int(rows))))
    with open(output, "w", encoding="utf-8") as file:
        file.write(picture)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail("this needs a terminal; gradstep trace PROGRAM does without")


def _live(launch: Launch, quiet: bool = False) -> LiveSource:
    from gradstep.source.live import LiveSource

    return LiveSource(launch, quiet)


def _launch(
    program: str | None,
    args: tuple[str, ...],
    module: str | bool | None,
    device: str | None,
    seed: int | None,
    stops: int | None,
) -> Launch:
    """What to run, checked as far as it can be without running it."""
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    if not 0 <= seed < 2**32:
        fail(f"--seed {seed}: a seed is between 0 and 4294967295")
    if module:
        argv = (str(module), *([program] if program is not None else []), *args)
        return Launch("module", str(module), argv, os.getcwd(), device, seed, stops)
    if program is None:
        fail("which program? gradstep run PROGRAM, or gradstep alone for the lessons")
    path = os.path.abspath(program)
    if os.path.isdir(path):
        fail(f"{program} is a folder; name a .py file, an .ipynb notebook, or use -m MODULE")
    if not os.path.exists(path):
        fail(f"{program}: no such file")
    kind = "notebook" if path.endswith(".ipynb") else "file"
    _check(program, path, kind)
    return Launch(kind, path, (program, *args), os.getcwd(), device, seed, stops)  # type: ignore[arg-type]


def _check(program: str, path: str, kind: str) -> None:
    """Fail for a file that cannot be read or is no Python."""
    from gradstep.model.notebook import read_cells

    try:
        if kind == "notebook":
            read_cells(path)
            return
        with open(path, "rb") as file:
            compile(file.read(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        place = f"{program}:{error.lineno}" if error.lineno else program
        fail(f"{place}: {error.msg}")
    except ValueError as error:
        fail(f"{program}: {error}" if kind == "file" else str(error))
    except OSError as error:
        fail(f"{program}: {error.strerror}")


if __name__ == "__main__":
    main()
