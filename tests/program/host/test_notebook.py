"""Notebooks: IPython's own lines, and places that name the cell as Jupyter does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gradstep.program.host.magics import without_magics
from running import Runner, gradstep


def write(path: Path, *cells: str) -> Path:
    made = [{"cell_type": "code", "source": source, "metadata": {}} for source in cells]
    path.write_text(json.dumps({"cells": made, "nbformat": 4}))
    return path


@pytest.mark.parametrize(
    ("source", "python", "skipped"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1", [(1, "%matplotlib inline")]),
        ("x = 100\nx\\\n% 7", "x = 100\nx\\\n% 7", []),
        ("a = (100\n% 7)\n%who", "a = (100\n% 7)\npass", [(3, "%who")]),
        ("?w\nw.data??\nnn.*?", "pass\npass\npass", [(1, "?w"), (2, "w.data??"), (3, "nn.*?")]),
        ("print('why?')  # ok?\n!ls", "print('why?')  # ok?\npass", [(2, "!ls")]),
        ('"""\n%d of %s\n!command\nw?\n"""\n%pwd', '"""\n%d of %s\n!command\nw?\n"""\npass', [(6, "%pwd")]),
        ('text = f"""\n%d {1}\n"""\n!ls', 'text = f"""\n%d {1}\n"""\npass', [(4, "!ls")]),
        ("!echo it's\nx = 1", "pass\nx = 1", [(1, "!echo it's")]),
        ("!pip install a \\\n  b\nx = 1", "pass\n\nx = 1", [(1, "!pip install a \\\n  b")]),
        ("pip install torch", "pass", [(1, "pip install torch")]),
        ("x = !ls\nd['a'], b = %env", "x = []\nd['a'], b = None", [(1, "x = !ls"), (2, "d['a'], b = %env")]),
        ("x = 3\nx %= 2\nx != 3\n!ls", "x = 3\nx %= 2\nx != 3\npass", [(4, "!ls")]),
        ("%time x = f(1)\n%timeit -n 10 -r3 f(2)\ny = %time f(3)", "x = f(1)\nf(2)\ny = f(3)", []),
        ("if x:\n  !ls\n  y = 1\nelse:\n  %pwd", "if x:\n  pass\n  y = 1\nelse:\n  pass", [(2, "!ls"), (5, "%pwd")]),
        ("%%time\nx = 1", "\nx = 1", [(1, "%%time")]),
        ("\n%%capture out\n%%time\n!ls", "\n\n\npass", [(2, "%%capture out"), (3, "%%time"), (4, "!ls")]),
        ("%%bash\nfor i in 1 2; do echo $i; done", "", [(1, "%%bash")]),
        ("%%writefile helper.py\nx = 1", "", [(1, "%%writefile helper.py")]),
        ("    x = 1\n    %pwd", "x = 1\npass", [(2, "%pwd")]),
        ("if x\n!ls", "if x\npass", [(2, "!ls")]),
    ],
)  # fmt: skip
def test_what_is_run_of_a_cell(source: str, python: str, skipped: list[tuple[int, str]]) -> None:
    assert without_magics(source) == (python, skipped)


def test_a_traceback_names_the_cell(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bad.ipynb", "import torch\nw = torch.ones(1)", "def f(x):\n    return x / 0", "1 + 1\nf(2)"
    )
    done = gradstep("trace", path)
    assert done.returncode == 1
    assert f'File "{path}", cell 3, line 2, in <module>\n    f(2)' in done.stderr
    assert f'File "{path}", cell 2, line 2, in f\n    return x / 0' in done.stderr
    assert "cell 2, line 2" in done.stdout.splitlines()[-1]
    assert "gradstep/program" not in done.stderr


def test_the_fault_and_its_place_name_the_cell(runner: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "syntax.ipynb", "x = 1", "y = 2\nif x")
    stop = runner.watch(path, kind="notebook", directory=tmp_path).stops[-1]
    assert stop.fault is not None
    assert f'File "{path}", cell 2, line 2\n' in stop.fault.traceback
    assert stop.fault.message == "expected ':'"
    assert (stop.place.line, stop.place.cell, stop.place.cell_line) == (6, 2, 2)
    assert stop.place.spot == "cell 2, line 2"


def test_rows_of_the_table_name_the_cell(tmp_path: Path) -> None:
    path = write(
        tmp_path / "n.ipynb", "import torch\nw = torch.ones(1, requires_grad=True)", "loss = 2 * w\nloss.backward()"
    )
    done = gradstep("trace", path)
    assert [row[26:52].strip() for row in done.stdout.splitlines()[1:4]] == [
        "cell 1, line 1",
        "cell 2, line 1",
        "cell 2, line 2",
    ]
    stops = [json.loads(row) for row in gradstep("trace", "--json", path).stdout.splitlines()]
    assert [(stop["file"], stop["line"]) for stop in stops[:3]] == [("n.ipynb", 2), ("n.ipynb", 6), ("n.ipynb", 7)]


def test_a_warning_names_the_cell(tmp_path: Path) -> None:
    path = write(tmp_path / "warns.ipynb", "import warnings", "x = 1\nwarnings.warn('odd', stacklevel=1)")
    done = gradstep("trace", path)
    assert f"{path}, cell 2, line 2: UserWarning: odd\n  warnings.warn" in done.stderr


def test_what_is_skipped_is_said_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "magic.ipynb", "%pip install torch", "import sys\nsys.version?")
    done = gradstep("trace", path)
    assert done.returncode == 0
    assert "gradstep: cell 1, line 1: skipped %pip install torch" in done.stderr
    assert "gradstep: cell 2, line 2: skipped sys.version?" in done.stderr


def test_a_hook_of_the_notebooks_own_is_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "hook.ipynb", "import sys\nsys.excepthook = lambda *args: print('mine')", "1 / 0")
    done = gradstep("trace", path)
    assert done.stderr.splitlines()[-1] == "mine"
    assert done.returncode == 1


def test_inputs_and_outputs_are_to_be_had_as_in_jupyter(tmp_path: Path) -> None:
    path = write(
        tmp_path / "history.ipynb",
        "1 + 1",
        "_ * 10",
        "x = _ + __\nNone",
        "x;",
        "Out",
        "In[1], In[3], len(In)",
        "_ = 'mine'",
        "5",
        "_, Out[8]",
    )
    done = gradstep("trace", path)
    assert done.returncode == 0
    printed = [line for line in done.stderr.splitlines() if not line.startswith("gradstep:")]
    assert printed == [
        "2",
        "20",
        "{1: 2, 2: 20}",
        "('1 + 1', 'x = _ + __\\nNone', 7)",
        "5",
        "('mine', 5)",
    ]


def test_all_cells_share_one_event_loop(tmp_path: Path) -> None:
    path = write(
        tmp_path / "loop.ipynb",
        "import asyncio\nlog = []",
        "async def beside():\n    for n in range(3):\n        log.append(n)\n        await asyncio.sleep(0)",
        "loop = asyncio.get_running_loop()\ntask = asyncio.create_task(beside())\nawait asyncio.sleep(0)",
        "log.append('between')",
        "await task\nprint(log[0], log[-1], len(log), asyncio.get_running_loop() is loop)",
        "lock = asyncio.Lock()\nasync with lock:\n    print('locked')",
    )
    done = gradstep("trace", path)
    assert done.returncode == 0
    assert done.stderr.splitlines()[:2] == ["0 2 4 True", "locked"]
