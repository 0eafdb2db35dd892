"""Programs that end badly: which stop that makes, and that nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradstep.model.message import Asked, Exited, Go, Launch, Output, Stopped
from gradstep.model.stop import Stop
from gradstep.source.live import LiveSource
from running import PROGRAMS, Events, Stage


@pytest.fixture
def started(request: pytest.FixtureRequest, stage: Stage) -> Iterator[tuple[LiveSource, Events]]:
    program = PROGRAMS / request.param
    with stage.source(Launch("file", str(program), (str(program),), str(PROGRAMS), seed=1)) as started:
        yield started


def until_stop(events: Events, output: list[str] | None = None) -> Stopped:
    while not isinstance(event := events.get(timeout=60), Stopped):
        if isinstance(event, Output) and output is not None:
            output.append(event.text)
    return event


def pause_now(source: LiveSource, events: Events) -> Stop:
    """Ask until it stops: the first request is for the next phase, and two at once may arrive as one."""
    for _ in range(300):
        source.pause()
        with contextlib.suppress(queue.Empty):
            while not isinstance(event := events.get(timeout=0.2), Stopped):
                pass
            return event.stop
    raise AssertionError("it never paused")


def last_stop(source: LiveSource, events: Events) -> tuple[Stop, Exited]:
    last = None
    while not isinstance(event := events.get(timeout=60), Exited):
        if isinstance(event, Stopped):
            last = event.stop
            if event.waiting:
                source.send(Go("end"))
    assert last is not None
    return last, event


@pytest.mark.parametrize(
    ("started", "reason", "code", "kind"),
    [
        ("raises.py", "exception", 1, None),
        ("sys_exit.py", "exit", 3, "SystemExit"),
        ("os_exit.py", "exit", 4, "abrupt exit"),
        ("segfault.py", "killed", 139, "SIGSEGV"),
    ],
    indirect=["started"],
)
def test_how_it_ended(started: tuple[LiveSource, Events], reason: str, code: int, kind: str | None) -> None:
    stop, exited = last_stop(*started)
    assert (stop.phase, stop.reason, stop.exit_code, exited.code) == ("end", reason, code, code)
    if kind is None:
        assert stop.fault is not None
        assert stop.place.line > 0
        assert "gradstep/program" not in stop.fault.traceback
    else:
        assert (stop.fault.kind if stop.fault else "") == kind


@pytest.mark.parametrize("started", ["endless.py"], indirect=True)
def test_a_loop_without_a_phase_is_paused_where_it_is(started: tuple[LiveSource, Events]) -> None:
    source, events = started
    until_stop(events)
    source.send(Go("end"))
    while not isinstance(events.get(timeout=60), Output):
        pass
    stop = pause_now(source, events)
    assert stop.reason == "pause"
    assert Path(stop.place.file).name == "endless.py"
    source.restart()
    assert until_stop(events).stop.phase == "start"


@pytest.mark.parametrize("started", ["asks_input.py"], indirect=True)
def test_input_gets_an_answer(started: tuple[LiveSource, Events]) -> None:
    source, events = started
    until_stop(events)
    source.send(Go("phase"))
    while not isinstance(events.get(timeout=60), Asked):
        pass
    source.answer("0.05\n")
    assert until_stop(events).stop.phase == "forward"


@pytest.mark.parametrize("started", ["asks_input.py"], indirect=True)
def test_a_line_that_is_there_already_is_not_asked_for(started: tuple[LiveSource, Events]) -> None:
    source, events = started
    until_stop(events)
    source.answer("0.05\n")
    source.send(Go("phase"))
    while not isinstance(event := events.get(timeout=60), Stopped):
        assert not isinstance(event, Asked)


@pytest.mark.parametrize("started", ["prints_much.py"], indirect=True)
def test_what_is_printed_comes_before_the_stop(started: tuple[LiveSource, Events]) -> None:
    source, events = started
    until_stop(events)
    printed: list[str] = []
    source.send(Go("end"))
    while not isinstance(event := events.get(timeout=60), Exited):
        if isinstance(event, Output):
            printed.append(event.text)
    assert "".join(printed).count("\n") >= 200_000


def test_no_process_is_left_when_the_screen_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time, queue\n"
        "from gradstep.model.message import Forked, Launch, Stopped\n"
        "from gradstep.source.live import LiveSource\n"
        f"source = LiveSource(Launch('file', {str(PROGRAMS / 'endless.py')!r}, ('x',), {str(tmp_path)!r}))\n"
        "events = queue.SimpleQueue()\n"
        "source.start(events.put)\n"
        "while not isinstance(events.get(), Stopped): pass\n"
        "print(source._run.pid, source._server.process.pid, flush=True)\n"
        "events.get()\n"
    )
    screen = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert screen.stdout is not None
    pids = [int(pid) for pid in screen.stdout.readline().split()]
    watched = [os.pidfd_open(pid) for pid in pids]
    screen.send_signal(signal.SIGKILL)
    screen.wait()
    for descriptor in watched:
        poll = select.poll()
        poll.register(descriptor)
        assert poll.poll(10_000), "a process outlived the screen"
        os.close(descriptor)
