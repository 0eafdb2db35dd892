"""Programs after faults that were reported: names, stops, lines and findings are right."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradstep.model.stop import Stop
from running import PROGRAMS, Once, Runner, Watched

REPORTED = PROGRAMS / "reported"


def run(runner: Runner, name: str) -> Watched:
    return runner.watch(REPORTED / f"{name}.py")


def kinds(stop: Stop) -> set[str]:
    return {found.kind for found in stop.findings}


def line_of(name: str, text: str) -> int:
    """The line of a program that holds this text."""
    lines = (REPORTED / f"{name}.py").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize("name", sorted(path.stem for path in REPORTED.glob("*.py")))
def test_no_leaf_is_without_a_name_and_the_program_ends_as_it_would(name: str, runner: Runner, once: Once) -> None:
    watched = run(runner, name)
    assert not [leaf for stop in watched.stops for leaf in stop.leaves if leaf.startswith("leaf_")]
    assert watched.code == 0
    assert runner.plain(REPORTED / f"{name}.py") == 0


def test_leaves_stand_in_the_order_of_named_parameters(runner: Runner) -> None:
    for stop in run(runner, "declared_order").stops[1:]:
        layers = list(dict.fromkeys(leaf.split(".")[1] for leaf in stop.leaves))
        assert layers == ["conv1", "conv2", "fc1", "fc2"]


def test_a_module_that_only_a_library_holds_is_called_by_its_class(runner: Runner) -> None:
    stop = run(runner, "module_of_a_library").of("forward")[0]
    assert stop.leaves == tuple(f"Lit.net.{layer}.{what}" for layer in (0, 2) for what in ("weight", "bias"))
    assert stop.place.line == line_of("module_of_a_library", "loss = ((self.net(x)")
    assert stop.loss is not None
    assert stop.loss.name == "loss"
    assert {module.path for module in stop.graph.modules} == {"Lit.net.0", "Lit.net.1", "Lit.net.2"}


def test_a_module_in_a_librarys_object_is_called_by_that(runner: Runner) -> None:
    stop = run(runner, "estimator").of("forward")[0]
    assert stop.leaves == tuple(f"net.module_.{layer}.{what}" for layer in (0, 2) for what in ("weight", "bias"))
    assert stop.place.line == line_of("estimator", "net.fit(")
    assert stop.loss is not None
    assert stop.loss.name == "mean"


@pytest.mark.parametrize("name", ["average_and_overshoot", "target_and_overshoot"])
def test_weights_that_no_loss_reads_hide_no_overshoot(name: str, runner: Runner) -> None:
    watched = run(runner, name)
    assert set(watched.phases.split()) == {"f", "b", "u"}
    assert watched.phases.count("u") == watched.phases.count("f")
    rises = [stop for stop in watched.of("forward") if stop.finding("loss-rose") or stop.finding("overshoot")]
    assert len(rises) >= 3
    for stop in rises:
        found = stop.finding("overshoot")
        assert found is not None
        assert "cause" in found.evidence


def test_weights_that_no_loss_reads_have_no_part_in_a_rise(runner: Runner) -> None:
    watched = run(runner, "average_on_minibatches")
    assert watched.phases == "f b u f b u f b u f b u f b u"
    rises = [found for stop in watched.stops for found in stop.findings]
    assert rises
    for found in rises:
        assert found.kind == "loss-rose"
        assert "On the old data it fell" in found.message


def test_steps_that_change_nothing_before_any_backward_are_no_stops(runner: Runner) -> None:
    watched = run(runner, "schedule_drawn")
    assert watched.phases == "f b u"
    assert not [found for stop in watched.stops for found in stop.findings]


def test_a_scalar_that_was_read_and_dropped_is_no_loss(runner: Runner) -> None:
    watched = run(runner, "check_dropped")
    assert watched.phases == "f b"
    assert all(stop.loss is None or stop.loss.name == "loss" for stop in watched.stops)


def test_the_loss_and_what_has_a_name_have_changed_in_a_large_graph(runner: Runner) -> None:
    first, second = run(runner, "long_chain").of("forward")
    assert first.changed == ("w", "hidden", "loss")
    assert set(second.changed) == {"hidden", "loss", "w.grad"}


@pytest.mark.parametrize("name", ["as_subclass", "evaluation_with_grad"])
def test_a_rise_is_proven(name: str, runner: Runner) -> None:
    found = [found for stop in run(runner, name).of("forward") if (found := stop.finding("overshoot")) is not None]
    assert len(found) >= 2
    for overshoot in found:
        assert overshoot.evidence["cause"] == "rate"
        assert 0 < float(overshoot.evidence["lowest"]) < 0.2


def test_an_evaluation_with_grad_keeps_few_of_its_batches(runner: Runner, tmp_path: Path) -> None:
    path, kept = REPORTED / "evaluation_of_large_batches.py", tmp_path / "kept"
    assert runner.plain(path, str(kept)) == 0
    assert int(kept.read_text()) == 1
    watched = runner.watch(path, str(kept))
    assert watched.phases == "f b u f b u"
    assert int(kept.read_text()) <= 34  # of 160 with 2 MiB each: 32 MiB of this iteration, and of the one before


@pytest.mark.parametrize(("name", "kind"), [("infogan", "stale-gradient"), ("lora_zigzag", "vanishing-gradient")])
def test_a_healthy_program_is_not_warned(name: str, kind: str, runner: Runner) -> None:
    watched = run(runner, name)
    assert not [stop.index for stop in watched.stops if kind in kinds(stop)]
    assert not [found for stop in watched.stops for found in stop.findings if found.severity != "info"]


def test_an_update_names_the_leaves_of_an_optimizer_that_shares_them(runner: Runner) -> None:
    first, second, third = run(runner, "infogan").of("update")[:3]
    assert [stop.update.leaves for stop in (first, second, third) if stop.update is not None] == [
        ("G.weight", "G.bias"),
        ("D.weight", "D.bias", "Q.weight", "Q.bias")[:2],
        ("G.weight", "G.bias", "D.weight", "D.bias", "Q.weight", "Q.bias"),
    ]
    assert Path(first.place.file).name == "infogan.py"
