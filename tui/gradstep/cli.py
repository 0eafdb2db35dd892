"""The command line: arguments to a source of stops, and that to the app or a trace. Imports both sides late."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn

import click

from gradstep import __version__
from gradstep.findings import KINDS
from gradstep.model.printable import printable_line

if TYPE_CHECKING:
    from gradstep.app.runs.budget import Budget
    from gradstep.checks.checks import Checks
    from gradstep.model.message import Launch
    from gradstep.recording.recorder import Keep, Recorder
    from gradstep.recording.tap import RecordedSource
    from gradstep.source import Source
    from gradstep.source.live import LiveSource

_PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}
_LESSONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lessons")


def fail(text: str) -> NoReturn:
    """One line for people, and exit code 2."""
    with contextlib.suppress(OSError, AttributeError):  # stderr may be closed, or on a full disk
        click.echo(f"gradstep: {printable_line(text)}", err=True)
    leave(2)


def leave(code: int) -> NoReturn:
    """End with that exit code, even where what was written last cannot be."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = code or 2
    sys.exit(code)


class _Commands(click.Group):
    """Says what is wrong with the command line in one line."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command that is named."""
        try:
            return super().main(*args, **{**extra, "standalone_mode": False})
        except click.ClickException as error:
            words = " ".join(error.format_message().split()).rstrip(".")
            fail(words[:1].lower() + words[1:])
        except click.Abort:
            sys.exit(130)
        except UnicodeEncodeError as error:
            fail(f"the output takes {error.encoding} only: set PYTHONIOENCODING=utf-8")
        except OSError as error:
            fail(f"what was to be written could not be: {error.strerror or error}")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; a program in its place is a common slip."""
        if args and args[0] not in self.commands and (os.path.isfile(args[0]) or args[0].endswith((".py", ".ipynb"))):
            ctx.fail(f"{args[0]} is no command; to step through it: gradstep run {args[0]}")
        return super().resolve_command(ctx, args)


def _budget(_context: click.Context, _option: click.Parameter, value: str) -> Budget:
    """The room that `--history` gives."""
    from gradstep.app.runs.budget import Budget, parse_size

    try:
        return Budget(parse_size(value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_history = click.option(
    "--history",
    "budget",
    default="1GiB",
    metavar="SIZE",
    callback=_budget,
    help="Memory for what is kept of the run, 1GiB by default; beyond it the oldest stops are dropped.",
)


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradstep")
@_history
@click.pass_context
def main(context: click.Context, budget: Budget) -> None:
    """Step through backpropagation, one phase per key. Without a command: the lessons."""
    if context.invoked_subcommand is None:
        _show(lambda: None, budget.size)


def _show(source: Callable[[], Source | None], history: int, until: tuple[str, ...] = ()) -> NoReturn:
    """The screen, on that program or, without one, on the lessons; then the exit code."""
    _need_terminal()
    from gradstep.guard import guarded

    with guarded():
        from gradstep.app.app import GradstepApp

        app = GradstepApp(
            source(),
            open_lesson=lambda path: _live(_launch(str(path), (), None, None, None, None), history),
            history=history,
            until=until,
        )
        app.run()
    if app.ended_by:
        signal.signal(app.ended_by, signal.SIG_DFL)
        os.kill(os.getpid(), app.ended_by)
    leave(app.return_code or 0)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that stand before PROGRAM; the command gets what they launch as its first argument."""

    @functools.wraps(command)
    def launched(
        program: str | None,
        args: tuple[str, ...],
        module: str | None,
        device: str | None,
        seed: int | None,
        stops: int | None,
        **own: Any,
    ) -> None:
        command(_launch(program, args, module, device, seed, stops), **own)

    found: Callable[..., None] = launched
    for option in (
        click.argument("args", nargs=-1, type=click.UNPROCESSED),
        click.argument("program", required=False),
        click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does."),
        click.option("--device", help="Default device for a program that names none: cpu, cuda, cuda:1, mps, xpu."),
        click.option("--seed", type=int, help="Seed for torch, random and numpy; else drawn and shown."),
        click.option("--stops", type=click.IntRange(1), help="End after this many stops."),
    ):
        found = option(found)
    return found


def _until(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    """Conditions that can be understood."""
    from gradstep.conditions import ConditionError, parse

    try:
        return tuple(parse(text).text for text in texts)
    except ConditionError as error:
        raise click.BadParameter(str(error)) from error


def _kinds(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    """Kinds of finding, several in one text too."""
    kinds = tuple(dict.fromkeys(kind.strip() for text in texts for kind in text.split(",")))
    for kind in kinds:
        if kind not in ("warning", "error", *KINDS):
            near = get_close_matches(kind, KINDS, 1)
            hint = f"; {near[0]}?" if near else ""
            raise click.BadParameter(f"{kind!r} is not one of {', '.join(map(repr, KINDS))}, 'warning', 'error'{hint}")
    return kinds


_conditions = click.option(
    "--until",
    "until",
    multiple=True,
    metavar="CONDITION",
    callback=_until,
    help="Run to where this is met: 'loss > 5', not-finite, '*.grad norm > 10', 'op softmax', train.py:9, 'if PYTHON'.",
)


@main.command(context_settings=_PASS_ON)
@_options
@_history
@click.option("--record", metavar="FILE", type=click.Path(), help="Keep what is seen; gradstep replay FILE shows it.")
@_conditions
def run(launch: Launch, budget: Budget, record: str | None, until: tuple[str, ...]) -> None:
    """Step through PROGRAM: a .py file, an .ipynb notebook, or -m MODULE. ARGS are its own."""
    _need_terminal()
    source = _live(launch, budget.size)
    recorded = None if record is None else _recorded(source, record)[0]
    _show(lambda: recorded or source, budget.size, until)


@main.command(context_settings=_PASS_ON)
@_options
@click.option("-o", "--output", required=True, type=click.Path(), metavar="FILE", help="The recording.")
@click.option(
    "--keep",
    type=click.Choice(["losses", "norms", "small"]),
    default="small",
    help="Losses alone; also the weights' and gradients' numbers; also the graph (small, the default).",
)
@click.option(
    "--every", type=click.IntRange(1), default=1, metavar="N", help="Of other iterations keep the loss alone."
)
def record(launch: Launch, output: str, keep: Keep, every: int) -> None:
    """Run PROGRAM without a screen and keep its stops in a file, which gradstep replay opens anywhere."""
    from msgspec.structs import replace

    from gradstep.recording.command import record as keep_run

    if sys.stdout is None or sys.stderr is None:
        fail("standard output or standard error is closed")
    if keep != "small":
        launch = replace(launch, detail="record")
    source, recorder = _recorded(_live(launch, quiet=True), output, keep, every)
    leave(keep_run(source, recorder, keep != "losses", output))


@main.command()
@click.argument("file", type=click.Path())
def replay(file: str) -> None:
    """Look at a recording: every pane, at every stop. Nothing is run, and torch is not needed."""
    from gradstep.app.runs.budget import GIB
    from gradstep.recording.replay import ReplaySource
    from gradstep.recording.writer import RecordingError

    try:
        source = ReplaySource(file)
    except RecordingError as error:
        fail(str(error))
    _show(lambda: source, GIB)


@main.command()
@click.argument("file", type=click.Path())
@click.option("--as", "form", type=click.Choice(["csv", "json"]), default="json", help="CSV, or JSON (the default).")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False), help="Write to a file, not to stdout.")
def export(file: str, form: str, output: str | None) -> None:
    """Write the stops of a recording as text, one a line: JSON as of trace --json, or CSV."""
    from gradstep.recording.export import csv_lines, stops
    from gradstep.recording.replay import ReplaySource
    from gradstep.recording.writer import RecordingError
    from gradstep.trace import escaped, json_line

    try:
        source = ReplaySource(file)
    except RecordingError as error:
        fail(str(error))
    lines = csv_lines(source) if form == "csv" else (json_line(stop) for _, stop in stops(source))
    fit = printable_line if form == "csv" else escaped
    text = (f"{fit(line)}\n" for line in lines)
    if output is None:
        for line in text:
            click.echo(line, nl=False)
    else:
        try:
            _write_whole(output, "".join(text))
        except OSError as error:
            fail(f"{output}: {error.strerror}")
    if source.reader.lost:
        click.echo("gradstep: the recording is damaged: not all of it can be read", err=True)
    leave(0)


@main.command(context_settings=_PASS_ON)
@_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a stop, one a line.")
@click.option("--ops", is_flag=True, help="Stop after each op of forward and each node of backward too.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="KIND[,KIND…]",
    callback=_kinds,
    help="Exit with 3 if such a finding is met: a kind, warning (any warning or error), or error.",
)
@click.option(
    "--assert",
    "checks",
    multiple=True,
    metavar="EXPR",
    help="Exit with 5 unless this holds at every stop: 'loss < 100', 'finite(params)', 'grad(\"w\").norm() > 0'.",
)
@click.option("--junit", metavar="FILE", type=click.Path(dir_okay=False), help="Write what held as a JUnit file.")
@click.option("--check", is_flag=True, help="Check the first forward pass instead: samples, loss, one batch.")
@_conditions
def trace(
    launch: Launch,
    as_json: bool,
    ops: bool,
    fail_on: tuple[str, ...],
    checks: tuple[str, ...],
    junit: str | None,
    check: bool,
    until: tuple[str, ...],
) -> None:
    """Write the stops of PROGRAM without a screen: a table, or --json. The program's output goes to stderr."""
    from msgspec.structs import replace

    from gradstep.checks.assertion import AssertionTextError
    from gradstep.checks.checks import Checks
    from gradstep.trace import trace as write

    if sys.stdout is None or sys.stderr is None:
        fail("standard output or standard error is closed")
    if check:
        from gradstep.verdicts import checked as write_verdicts

        leave(write_verdicts(_live(replace(launch, detail="checks"), quiet=True, piped=True), as_json, sys.stdout))
    try:
        checked = Checks(fail_on, checks)
    except AssertionTextError as error:
        fail(f"--assert {error}")
    if junit is not None and not os.path.isdir(os.path.dirname(os.path.abspath(junit))):
        fail(f"{junit}: no such folder")
    launch = replace(launch, detail="record" if as_json or until or checks else "findings")
    source = _live(launch, quiet=True, piped=sys.stderr.isatty())
    began = time.monotonic()
    code = write(source, as_json, checked, sys.stdout, ops, until)
    if junit is not None:
        _write_junit(junit, checked, source.title, code, time.monotonic() - began)
    leave(code)


def _write_junit(path: str, checks: Checks, title: str, code: int, seconds: float) -> None:
    from gradstep.checks.checks import FOUND, NOT_HELD
    from gradstep.checks.report import junit

    try:
        _write_whole(path, junit(checks, title, 0 if code in (FOUND, NOT_HELD) else code, seconds))
    except OSError as error:
        fail(f"{path}: {error.strerror}")


@main.command(context_settings=_PASS_ON)
@_options
@click.option("-k", "--keys", default="", help="Keys to press, with spaces between: 'space space z'.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="The SVG file to write.")
@click.option("--size", default="120x36", metavar="COLUMNSxROWS", help="Size of the screen.")
def screenshot(launch: Launch, keys: str, output: str, size: str) -> None:
    """Write the screen as it is after those KEYS as an SVG picture, without a terminal."""
    if not os.path.isdir(os.path.dirname(os.path.abspath(output))):
        fail(f"{output}: no such folder")
    columns, _, rows = size.partition("x")
    if not (columns.isdecimal() and rows.isdecimal() and columns.isascii() and rows.isascii()):
        fail(f"--size {size}: write it as 120x36")
    if not (len(columns) < 5 and len(rows) < 5 and 20 <= int(columns) <= 1000 and 5 <= int(rows) <= 500):
        fail(f"--size {size}: between 20x5 and 1000x500")
    from gradstep.app.keys import textual_key

    try:
        pressed = [textual_key(key) for key in keys.split()]
    except ValueError as error:
        fail(f"-k: {error}")
    import asyncio

    from gradstep.app.app import GradstepApp
    from gradstep.app.runs.budget import GIB
    from gradstep.app.shot import shoot

    picture = asyncio.run(shoot(GradstepApp(_live(launch, GIB)), pressed, (int(columns), int(rows))))
    try:
        _write_whole(output, picture)
    except OSError as error:
        fail(f"{output}: {error.strerror}")


def _write_whole(path: str, text: str) -> None:
    """Write a file, or leave what was there; into what is no file (a pipe, /dev/stdout) directly."""
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return
    path = os.path.realpath(path)
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _recorded(source: LiveSource, path: str, keep: Keep = "small", every: int = 1) -> tuple[RecordedSource, Recorder]:
    """The program to be, and who keeps what it tells in that file."""
    from gradstep.recording.recorder import Recorder
    from gradstep.recording.tap import RecordedSource
    from gradstep.recording.writer import RecordingError, Writer

    about = {"gradstep": __version__, "title": source.title, "path": source.path, "keep": keep, "every": str(every)}
    try:
        recorder = Recorder(Writer(path, about), keep, every)
    except RecordingError as error:
        fail(str(error))
    except (OSError, sqlite3.Error) as error:
        fail(f"{path}: {error}")
    return RecordedSource(source, recorder), recorder


def _need_terminal() -> None:
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if stream is None or not stream.isatty():
            fail("this needs a terminal; gradstep trace PROGRAM does without")
    if sys.stderr.encoding.lower().replace("-", "") != "utf8":
        fail(f"this terminal takes {sys.stderr.encoding} only: set PYTHONIOENCODING=utf-8, or LC_ALL=C.UTF-8")


def _live(launch: Launch, history: int | None = None, quiet: bool = False, piped: bool = True) -> LiveSource:
    """The program to be; `history`: bytes that may be kept in all, None where nobody goes back in time."""
    from msgspec.structs import replace

    from gradstep.app.runs.budget import programs_share
    from gradstep.source.live import LiveSource

    if history is not None:
        launch = replace(launch, history=max(1, programs_share(history)))
    return LiveSource(launch, quiet, piped)


def _launch(
    program: str | None,
    args: tuple[str, ...],
    module: str | None,
    device: str | None,
    seed: int | None,
    stops: int | None,
) -> Launch:
    """What to run; ends here if that is clear to fail."""
    from gradstep.launch import launch

    if program is not None and program.startswith("-") and not module and not os.path.exists(program):
        raise click.NoSuchOption(program, possibilities=_near_options(program))
    try:
        return launch(program, args, module, device, seed, stops)
    except ValueError as error:
        fail(str(error))


def _near_options(wrong: str) -> list[str]:
    known = [name for option in click.get_current_context().command.params for name in option.opts]
    return get_close_matches(wrong, [name for name in known if name.startswith("-")])


if __name__ == "__main__":
    main()
