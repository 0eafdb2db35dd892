"""No circle among modules, and in `program/` every import goes down."""

from __future__ import annotations

from pathlib import Path

from import_graph import FLOORS, PACKAGE, circle, graph_of, modules, upward


def test_no_module_imports_itself_on_a_detour() -> None:
    assert circle(graph_of()) == []


def test_a_room_imports_only_from_floors_below() -> None:
    assert upward(graph_of()) == []


def test_every_room_has_its_floor() -> None:
    rooms = {path.name for path in (PACKAGE / "program").iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(FLOORS)


def test_the_graph_has_the_imports_for_type_checking_and_those_in_functions(tmp_path: Path) -> None:
    package = tmp_path / "house"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.two import A\n"
    )
    (package / "two.py").write_text("class A: ...\ndef f():\n    from house import three\n")
    (package / "three.py").write_text("import house.one\n")
    graph = graph_of(package)
    assert graph == {
        "house": set(),
        "house.one": {"house.two"},
        "house.two": {"house.three"},
        "house.three": {"house.one"},
    }
    assert set(circle(graph)) == {"house.one", "house.two", "house.three"}
    assert upward(graph, "house", ["one", "two", "three"]) == [("house.three", "house.one")]


def test_all_files_are_modules_of_the_graph() -> None:
    assert len(modules()) == len(list(PACKAGE.rglob("*.py")))
