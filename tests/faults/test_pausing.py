"""Pauses and new starts in quick succession, and a fork server that was killed."""

from __future__ import annotations

import os
import queue
import signal
from pathlib import Path

from gradstep.launch import launch
from gradstep.model.message import Event, Exited, Go, Stopped
from gradstep.source.live import LiveSource
from real_terminal import alive

SMALL = "import torch\nw = torch.ones(3, requires_grad=True)\n(w * w).sum().backward()\nwhile True: pass\n"


def next_stop(events: queue.SimpleQueue[Event]) -> Stopped:
    while not isinstance(event := events.get(timeout=60), Stopped):
        assert not isinstance(event, Exited), event
    return event


def started(tmp_path: Path) -> tuple[LiveSource, queue.SimpleQueue[Event]]:
    path = tmp_path / "small.py"
    path.write_text(SMALL)
    source = LiveSource(launch(str(path), (), None, None, 1, None))
    events = queue.SimpleQueue[Event]()
    source.start(events.put)
    assert next_stop(events).stop.phase == "start"
    return source, events


def test_a_pause_while_a_run_starts_does_not_end_it(tmp_path: Path) -> None:
    source, events = started(tmp_path)
    for _ in range(20):
        source.restart()
        while events.empty() or not isinstance(events.get(), Stopped):
            source.pause()
    source.send(Go())
    assert next_stop(events).stop.phase == "forward"
    source.close()


def test_a_killed_fork_server_takes_its_program_along_and_another_is_begun(tmp_path: Path) -> None:
    source, events = started(tmp_path)
    source.send(Go("end"))
    assert source._server is not None
    assert source._run is not None
    pid = source._run.pid
    os.kill(source._server.process.pid, signal.SIGKILL)
    while not isinstance(event := events.get(timeout=60), Exited):
        pass
    assert event == Exited(137, "SIGKILL")
    for _ in range(10_000_000):
        if not alive(pid):
            break
    assert not alive(pid)
    source.restart()
    assert next_stop(events).stop.phase == "start"
    source.close()


def test_a_restart_right_behind_the_death_of_the_server(tmp_path: Path) -> None:
    source, events = started(tmp_path)
    for _ in range(3):
        assert source._server is not None
        os.kill(source._server.process.pid, signal.SIGKILL)
        source.restart()
        while next_stop(events).stop.phase != "start":
            pass
    source.close()


def test_commands_to_a_program_that_reads_none_do_not_wait(tmp_path: Path) -> None:
    source, events = started(tmp_path)
    source.send(Go("end"))
    for _ in range(20_000):
        source.send(Go())
    source.answer("x" * 1_000_000)
    source.restart()
    while next_stop(events).stop.phase != "start":
        pass
    source.close()
