"""Hostile programs: many small ways in one file, each run by python alone and watched, and what came of both."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gradstep.model.message import Exited, Go, Launch, Notice, Output, Refused, Stopped
from gradstep.model.stop import Stop
from gradstep.source.live import LiveSource, can_preload
from gradstep.source.server import ForkServer
from msgspec.structs import replace
from running import Events

HERE = Path(__file__).parent
HEAD = "import weights\n"
"""First line of each program: it writes what its leaves are at the end."""
_SERVED = re.compile(r'[ |]*File "[^"]*plain_python\.py", line \d+, in <module>\n(?:[ |]*    .*\n)+?(?=[ |]*File|\S)')
_REPEATED = re.compile(r"\[Previous line repeated \d+ more times\]")


@dataclass(frozen=True)
class Way:
    """One small program that may be noticed or lost through us."""

    name: str
    text: str
    words: frozenset[str]
    """What is to be known of it: `quick` (one of the selection), `once` (not in each phase), …"""


@dataclass
class Run:
    """What a run gave."""

    code: int
    out: str
    error: str
    weights: str
    stops: list[Stop] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def phases(self) -> str:
        """`f b u`."""
        letters = {"forward": "f", "backward": "b", "update": "u"}
        return " ".join(letters[stop.phase] for stop in self.stops if stop.phase in letters and stop.whole)


def ways(file: str) -> list[Way]:
    """The programs of one file, each below a line `# %% name: words`."""
    found = []
    for part in (HERE / "ways" / file).read_text().split("\n# %% ")[1:]:
        head, _, text = part.partition("\n")
        name, _, words = head.partition(":")
        found.append(Way(name.strip().replace(" ", "_"), text, frozenset(words.split())))
    return found


PHASES = ("forward", "backward", "update")
_LOOP = """\
import torch
from torch import nn
net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
x, y = torch.ones(2, 3), torch.zeros(2, 1)
def hostile(step):
{hostile}
for step in range(3):
    optimizer.zero_grad()
{forward}
    loss = ((net(x) - y) ** 2).mean()
{backward}
    loss.backward()
{update}
    optimizer.step()
print("end", loss.item())
"""


def in_phase(way: Way, phase: str) -> str:
    """A program that trains, and does what the way does right before one of the phases of each step."""
    calls = {name: "    hostile(step)" if name == phase else "    pass" for name in PHASES}
    text = way.text if way.text.strip() else "pass"
    return _LOOP.format(hostile=textwrap.indent(text, "    "), **calls)


class Stand:
    """Runs programs in a folder of their own, plain and watched, with torch imported once."""

    def __init__(self) -> None:
        self._texts: dict[Path, str] = {}
        self._plain: dict[bool, subprocess.Popen[str]] = {}
        self._servers: dict[bool, ForkServer] = {}

    def write(self, folder: Path, name: str, text: str) -> Path:
        """Write the program, with what it imports beside it."""
        shutil.copy(HERE / "weights.py", folder)
        path = folder / f"{name}.py"
        self._texts[path] = HEAD + text
        return path

    def plain(self, path: Path) -> Run:
        """Python alone."""
        path.write_text(self._texts[path], errors="surrogateescape")
        preload = can_preload(Launch("file", str(path)))
        if preload not in self._plain:
            command = [sys.executable, str(HERE / "plain_python.py"), *(["preload"] if preload else [])]
            self._plain[preload] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        server = self._plain[preload]
        assert server.stdin is not None
        assert server.stdout is not None
        log = path.with_suffix(".weights")
        out, error = path.with_suffix(".out"), path.with_suffix(".error")
        print(json.dumps([str(path.parent), str(out), str(error), str(path), str(log)]), file=server.stdin, flush=True)
        code = int(server.stdout.readline())
        texts = [file.read_bytes().decode(errors="replace") for file in (out, error)]
        return Run(code if code >= 0 else 128 - code, texts[0], _settled(_SERVED.sub("", texts[1])), taken(log))

    def watched(self, path: Path, go: Go | None = None) -> Run:
        """Under gradstep, nobody looking; `go`: as somebody who looks goes on from stop to stop."""
        path.write_text(self._texts[path], errors="surrogateescape")
        log = path.with_suffix(".weights")
        launch = Launch("file", str(path), (str(path), str(log)), str(path.parent), None, 7)
        found, texts = Run(-1, "", "", ""), ["", ""]
        with self._source(launch) as (source, events):
            while not isinstance(event := events.get(timeout=120), Exited):
                if isinstance(event, Stopped):
                    found.stops.append(event.stop)
                    if event.waiting:
                        source.send(go or Go("end", full=True))
                elif isinstance(event, Output):
                    texts[event.error] += event.text
                elif isinstance(event, Notice | Refused):
                    found.told.append(event.text)
        found.code, found.out, found.error = event.code, texts[0], _settled(texts[1])
        found.weights = taken(log)
        return found

    @contextmanager
    def _source(self, launch: Launch) -> Iterator[tuple[LiveSource, Events]]:
        source, events = LiveSource(launch), Events()
        preload = can_preload(launch)
        source._server = self._servers.pop(preload, None) or ForkServer(replace(launch, preload=preload), False)
        try:
            source.start(events.put)
            yield source, events
        finally:
            if source._server is not None and not source._server.is_dead():
                self._servers[preload], source._server = source._server, None
            source.close()

    def close(self) -> None:
        """End the servers."""
        for server in self._servers.values():
            server.close()
        for process in self._plain.values():
            process.communicate()


def taken(path: Path) -> str:
    """The text of a file, which is then gone; empty without one."""
    text = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    return text


def _settled(error: str) -> str:
    """Without what differs from run to run of python alone."""
    text = _REPEATED.sub("[Previous line repeated many times]", error)
    return re.sub(r"0x[0-9a-f]{6,}", "0x…", text)
