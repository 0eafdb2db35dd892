"""Edits: the learning rate, Python in the paused frame, the swap of a step; each against plain torch."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import gradstep.lessons
import pytest
import torch
from gradstep.findings.stale_gradient import stale_gradient
from gradstep.model.message import Evaluate, Go, Rate, Swap
from gradstep.model.stop import Stop
from running import PROGRAMS, Runner

SEED = Path(gradstep.lessons.__path__[0]) / "three_weights.py"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A program of those lines."""

    def program(text: str) -> Path:
        path = tmp_path / "train.py"
        path.write_text(textwrap.dedent(text))
        return path

    return program


def to(phases: int) -> Go:
    """Go on until so many phases have ended."""
    return Go("stop", to=phases)


def losses(stops: list[Stop]) -> list[float]:
    return [stop.loss.value for stop in stops if stop.phase == "forward" and stop.loss and stop.loss.value is not None]


def seed_losses(rates: list[float], cleared: bool = False) -> list[float]:
    """What plain torch gives for the seed with those rates, one an iteration."""
    x, y = torch.tensor([2.0, 3.0, 1.0]), torch.tensor(3.0)
    w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
    found = []
    for rate in rates:
        loss = (w @ x - y) ** 2
        found.append(loss.item())
        torch.autograd.backward(loss)
        assert w.grad is not None
        w.data = w.data - rate * w.grad.data
        if cleared:
            w.grad = None
    return [round(value, 6) for value in found]


def rounded(values: list[float]) -> list[float]:
    return [round(value, 6) for value in values]


# The learning rate


def test_half_the_rate_from_the_start(runner: Runner) -> None:
    watched, (answer,) = runner.drive(SEED, to(1), Rate(0.5))
    assert answer.text == "lr 0.01 → 0.005"
    assert rounded(losses(watched.stops)) == seed_losses([0.005] * 6)


def test_where_nothing_is_a_rate_yet_the_answer_says_what_to_do(runner: Runner) -> None:
    _, (answer,) = runner.drive(SEED, Rate(2.0))
    assert answer.error
    assert "no optimizer" in answer.text
    assert ": lr = 0.005" in answer.text


def test_a_rate_that_is_passed_to_a_function_is_changed_for_all_calls(runner: Runner, write: Write) -> None:
    path = write("""
        import torch
        x, y = torch.tensor([2.0, 3.0, 1.0]), torch.tensor(3.0)

        def step(w, lr):
            loss = (w @ x - y) ** 2
            loss.backward()
            w.data = w.data - lr * w.grad.data

        def train(args):
            w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
            for _ in range(4):
                step(w, args.lr)

        import argparse
        train(argparse.Namespace(lr=0.01))
    """)
    watched, answers = runner.drive(path, to(1), Rate(0.5))
    assert answers[0].text == "lr 0.01 → 0.005"
    assert rounded(losses(watched.stops)) == seed_losses([0.005] * 4)
    watched, answers = runner.drive(path, to(1), Evaluate("args.lr = 0.005; lr = 0.005"))
    assert rounded(losses(watched.stops)) == seed_losses([0.005] * 4)


SCHEDULES = {
    "StepLR": "StepLR(optimizer, 2)",
    "CosineAnnealingLR": "CosineAnnealingLR(optimizer, 6, eta_min=0.001)",
    "LambdaLR": "LambdaLR(optimizer, lambda step: 1 / (1 + step))",
    "OneCycleLR": "OneCycleLR(optimizer, max_lr=0.05, total_steps=7)",
    "CyclicLR": "CyclicLR(optimizer, 0.01, 0.05, step_size_up=2)",
    "LinearLR": "LinearLR(optimizer, 0.5, total_iters=4)",
    "SequentialLR": "SequentialLR(optimizer, [s.ConstantLR(optimizer), s.ExponentialLR(optimizer, 0.5)], [2])",
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_scheduler_undoes_it(runner: Runner, write: Write, name: str) -> None:
    path = write(f"""
        import torch
        import torch.optim.lr_scheduler as s
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        scheduler = s.{SCHEDULES[name]}
        for _ in range(5):
            optimizer.zero_grad()
            model(torch.ones(3)).sum().backward()
            optimizer.step()
            scheduler.step()
    """)
    plain, _ = runner.drive(path)
    edited, (answer,) = runner.drive(path, to(6), Rate(2.0))
    before = [stop.update.lr for stop in plain.of("update") if stop.update]
    after = [stop.update.lr for stop in edited.of("update") if stop.update]
    assert after[:2] == before[:2]
    assert after[2:] == pytest.approx([2 * rate for rate in before[2:] if rate is not None])
    assert answer.text.startswith("lr ")
    assert "scaled with it" in answer.text


def test_all_optimizers_and_a_rate_that_is_a_tensor(runner: Runner, write: Write) -> None:
    path = write("""
        import torch
        a, b = (torch.nn.Linear(2, 1) for _ in range(2))
        rate = torch.tensor(0.1)
        one = torch.optim.Adam([{"params": a.weight, "lr": rate}, {"params": a.bias, "lr": rate}])
        two = torch.optim.SGD(b.parameters(), lr=0.5)
        for _ in range(2):
            (a(torch.ones(2)) + b(torch.ones(2))).sum().backward()
            one.step()
            two.step()
    """)
    watched, (answer,) = runner.drive(path, to(1), Rate(2.0))
    assert answer.text == "lr 0.1 → 0.2 (Adam), 0.5 → 1 (SGD)"
    assert [stop.update.lr for stop in watched.of("update") if stop.update] == pytest.approx([0.2, 1.0, 0.2, 1.0])


def test_a_program_that_sets_the_rate_itself_is_told_of(runner: Runner, write: Write) -> None:
    path = write("""
        import torch
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        base = 0.01
        for _ in range(5):
            for group in optimizer.param_groups:
                group["lr"] = base
            model(torch.ones(3)).sum().backward()
            optimizer.step()
    """)
    watched, _ = runner.drive(path, to(3), Rate(2.0), to(9), Evaluate("base = 0.02"))
    assert len(watched.notices) == 1
    assert "set the learning rate back to 0.01" in watched.notices[0]
    rates = [stop.update.lr for stop in watched.of("update") if stop.update]
    assert rates == [0.01, 0.01, 0.01, 0.02, 0.02]


# The prompt


def test_a_value_set_in_a_script_is_shown_at_once_and_is_no_update(runner: Runner) -> None:
    watched, (answer,) = runner.drive(SEED, to(3), Evaluate("w.data[:] = torch.tensor([1.0, 1.0, 2.0])"))
    assert answer.text == "w changed"
    assert answer.stop is not None
    assert answer.stop.index == 3
    assert answer.stop.tensors["w"].value == [1.0, 1.0, 2.0]
    assert {"w"} <= set(answer.stop.changed)
    assert watched.phases == "f b u f b u f b u f b u f b u f b u"
    assert losses(watched.stops)[1] == 16.0


FUNCTION = """
    import torch
    x, y = torch.tensor([2.0, 3.0, 1.0]), torch.tensor(3.0)
    scale = 1.0

    def train(count):
        w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
        lr = 0.01
        def forward():
            return scale * (w @ x - y) ** 2
        for number in range(count):
            loss = forward()
            loss.backward()
            w.data = w.data - lr * w.grad.data
            print(number, lr)

    train(4)
"""


@pytest.mark.parametrize(
    ("text", "said", "rates"),
    [
        ("lr = 0.005", "lr = 0.005", [0.005] * 4),
        ("lr, other = 0.005, 3", "lr = 0.005, other = 3 (in <module>)", [0.005] * 4),
        ("lr /= 2; lr", "0.005", [0.005] * 4),
        ("count = 2", "count = 2", [0.01] * 4),
        ("[lr := 0.005 for _ in range(1)]", "[0.005]", [0.005] * 4),
        ("sum(w[i].item() * lr for i in range(count - 1))", "0.04", [0.01] * 4),
        ("(lambda: lr)()", "0.01", [0.01] * 4),
        ("w.shape, number, y", "(torch.Size([3]), 0, tensor(3.))", [0.01] * 4),
    ],
)
def test_variables_of_a_function(runner: Runner, write: Write, text: str, said: str, rates: list[float]) -> None:
    watched, (answer,) = runner.drive(write(FUNCTION), to(1), Evaluate(text))
    assert (answer.text, answer.error) == (said, False)
    assert rounded(losses(watched.stops)) == seed_losses(rates)
    assert watched.stops[1].frame.function == "train"


def test_what_is_typed_stays_there_for_the_next_prompt(runner: Runner, write: Write) -> None:
    texts = ["half = lr / 2", "def f(): return half + lr", "f()", "global scale; scale = 2.0", "scale"]
    watched, answers = runner.drive(write(FUNCTION), to(2), *map(Evaluate, texts))
    assert [answer.text for answer in answers] == ["half = 0.005 (in <module>)", "done", "0.015", "scale = 2.0", "2.0"]
    assert losses(watched.stops)[0] == 16.0
    assert losses(watched.stops)[1] == pytest.approx(2 * 8.2944)


def test_a_variable_of_a_function_is_not_deleted(runner: Runner, write: Write) -> None:
    watched, answers = runner.drive(write(FUNCTION), to(2), Evaluate("del number"), Evaluate("number"))
    assert [answer.text for answer in answers] == [
        "TypeError: number is a function's variable: it can be set, not deleted",
        "0",
    ]
    assert watched.code == 0


def test_a_variable_of_the_function_that_called(runner: Runner, write: Write) -> None:
    path = write("""
        import torch
        x, y = torch.tensor([2.0, 3.0, 1.0]), torch.tensor(3.0)
        def backward(loss):
            loss.backward()
        def train():
            w, lr = torch.tensor([1.0, 1.0, 2.0], requires_grad=True), 0.01
            for _ in range(4):
                backward((w @ x - y) ** 2)
                w.data = w.data - lr * w.grad.data
        train()
    """)
    watched, answers = runner.drive(path, to(1), Evaluate("w"), Evaluate("lr = 0.005"))
    assert [answer.text for answer in answers] == [
        "tensor([1., 1., 2.], requires_grad=True)",
        "lr = 0.005 (in train)",
    ]
    assert watched.stops[1].frame.function == "backward"
    assert rounded(losses(watched.stops)) == seed_losses([0.005] * 4)


def test_a_notebook_between_its_cells_and_in_one(runner: Runner) -> None:
    watched, answers = runner.drive(
        PROGRAMS / "seed.ipynb", to(4), Evaluate("w.data[:] = 0"), Evaluate("w"), kind="notebook"
    )
    assert answers[1].text == "tensor([0., 0., 0.], requires_grad=True)"
    assert answers[0].stop is not None
    assert answers[0].stop.tensors["w"].value == [0.0, 0.0, 0.0]
    plain, _ = runner.drive(PROGRAMS / "seed.ipynb", kind="notebook")
    assert watched.phases == plain.phases


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("w @ torch.ones(4)", "RuntimeError: "),
        ("exit()", "SystemExit: the prompt does not end the program, q does"),
        ("x = (", "SyntaxError: '(' was never closed"),
        ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("input()", "EOFError: EOF when reading a line"),
    ],
)
def test_an_error_is_one_line_and_ends_nothing(runner: Runner, text: str, said: str) -> None:
    watched, (answer,) = runner.drive(SEED, to(2), Evaluate(text))
    assert answer.error
    assert answer.text.startswith(said)
    assert "\n" not in answer.text
    assert (watched.code, watched.phases) == (0, "f b u f b u f b u f b u f b u f b u")


@pytest.mark.parametrize("end", ["while True: pass", "exec('try:\\n while 1: pass\\nexcept Exception: pass')"])
def test_what_takes_too_long_is_interrupted(runner: Runner, end: str) -> None:
    text = f"import os, signal; w.data[0] = 1.5; os.kill(os.getpid(), signal.SIGURG)\n{end}"
    watched, (answer, _) = runner.drive(SEED, to(2), Evaluate(text), Evaluate("lr"), Go())
    assert answer.text == "interrupted; what it had done until then stays done"
    assert answer.error
    assert answer.stop is not None
    assert answer.stop.tensors["w"].value == [1.5, 1.0, 2.0]
    assert watched.phases == "f b u f b u f b u f b u f b u f b u"
    assert [stop.phases for stop in watched.stops if not stop.light] == [0, 2, 3, 18]


def test_a_leaf_that_is_replaced_and_a_gradient_that_is_taken_away(runner: Runner, write: Write) -> None:
    path = write("""
        import torch
        x, y = torch.tensor([2.0, 3.0, 1.0]), torch.tensor(3.0)
        w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.01)
        for _ in range(3):
            loss = (w @ x - y) ** 2
            loss.backward()
            optimizer.step()
    """)
    texts = ["w.grad = None", "w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)"]
    watched, answers = runner.drive(path, to(3), *map(Evaluate, texts), to(5))
    first, second = (answer.stop for answer in answers)
    assert first is not None
    assert first.gradients["w"].now is None
    assert "w.grad" in first.changed
    assert second is not None
    assert second.leaves == ("w",)
    assert second.tensors["w"].value == [1.0, 1.0, 2.0]
    assert losses(watched.stops) == [16.0, 16.0, 16.0]
    assert watched.phases == "f b u f b u f b u"
    assert watched.stops[5].gradients["w"].held is None


def test_a_leaf_replaced_too_late_for_the_line_under_way(runner: Runner) -> None:
    watched, (answer,) = runner.drive(SEED, to(3), Evaluate("w = w.detach().requires_grad_()"))
    assert "the line under way has the old one" in answer.text
    assert watched.code == 1


def test_backward_and_a_step_at_the_prompt_are_no_phases(runner: Runner, write: Write) -> None:
    path = write("""
        import torch
        model = torch.nn.Linear(2, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            model(torch.ones(2)).sum().backward()
            optimizer.step()
    """)
    watched, answers = runner.drive(path, to(3), Evaluate("model(torch.zeros(2)).sum().backward(); optimizer.step()"))
    assert not answers[0].error
    assert answers[0].text == "model.weight, model.bias, model.bias.grad changed"
    assert watched.phases == "f b u f b u"


@pytest.mark.parametrize("name", ["minibatch.py", "batchnorm_inplace.py", "hand_no_grad.py", "function_mode.py"])
def test_looking_leaves_the_run_bit_identical(runner: Runner, name: str) -> None:
    looks = [command for _ in range(8) for command in (Go(), Evaluate("sum(range(9)), torch.ones(3).sum()"))]
    watched, answers = runner.drive(PROGRAMS / name, *looks)
    assert {(answer.text, answer.error, answer.stop) for answer in answers[1:]} == {("(36, tensor(3.))", False, None)}
    plain, _ = runner.drive(PROGRAMS / name, *[Go()] * 8)
    assert watched.phases == plain.phases
    assert [stop.bits for stop in watched.stops[:8]] == [stop.bits for stop in plain.stops[:8]]
    assert [stop.loss for stop in watched.stops] == [stop.loss for stop in plain.stops]


def test_a_look_at_a_weight_takes_part_in_nothing(runner: Runner) -> None:
    watched, answers = runner.drive(SEED, to(2), Evaluate("w.sum()"), Go(), Evaluate("(w * 2).sum()"), Go())
    assert [answer.stop for answer in answers] == [None, None]
    assert rounded(losses(watched.stops)) == seed_losses([0.01] * 6)
    assert watched.phases == "f b u f b u f b u f b u f b u f b u"


# Swap


def test_swap_at_the_third_update(runner: Runner) -> None:
    watched, (answer,) = runner.drive(SEED, to(9), Swap())
    assert answer.text == "w: now only the step of the fresh gradient is taken"
    assert answer.stop is not None
    assert answer.stop.tensors["w"].value == pytest.approx([0.526656, 0.289984, 1.763328])
    assert losses(watched.stops)[3] == pytest.approx(0.4714, abs=5e-5)
    third = next(stop for stop in watched.stops if stop.index == 9)
    assert [found.kind for found in stale_gradient([third])] == ["stale-gradient"]
    assert stale_gradient([answer.stop]) == []
    assert watched.phases == "f b u f b u f b u f b u f b u f b u"


def test_swap_where_nothing_is_stale_and_where_there_is_no_step(runner: Runner) -> None:
    _, answers = runner.drive(SEED, to(2), Swap(), Go(), Swap(), to(6), Swap(), Swap())
    assert [answer.error for answer in answers] == [True, False, False, False]
    assert "u runs to the next" in answers[0].text
    assert "already" in answers[1].text
    assert "already" in answers[3].text


def test_swap_with_an_optimizer(runner: Runner) -> None:
    watched, (answer,) = runner.drive(PROGRAMS / "clear_never.py", to(6), Swap())
    assert "now only the step of the fresh gradient is taken" in answer.text
    assert answer.stop is not None
    plain, _ = runner.drive(PROGRAMS / "clear_never.py", to(6))
    assert losses(watched.stops)[2] != losses(plain.stops)[2]
    assert watched.phases == plain.phases


# Going to a stop, and bits


def test_going_to_a_stop_by_the_number_of_its_phases(runner: Runner) -> None:
    watched, _ = runner.drive(SEED, to(5), to(9))
    full = [stop for stop in watched.stops if not stop.light]
    assert [(stop.phases, stop.phase) for stop in full] == [(0, "start"), (5, "backward"), (9, "update"), (18, "end")]


def test_going_to_a_stop_that_does_not_come(runner: Runner) -> None:
    watched, _ = runner.drive(SEED, to(99))
    assert watched.stops[-1].phase == "end"
    assert watched.code == 0


def test_going_to_a_stop_that_has_been_goes_to_the_next(runner: Runner) -> None:
    watched, _ = runner.drive(SEED, to(5), to(2))
    assert [stop.phases for stop in watched.stops if not stop.light] == [0, 5, 6, 18]


@pytest.mark.parametrize("name", ["sparse_embedding.py", "complex_double.py", "autocast_bf16.py", "gan.py", "lbfgs.py"])
def test_bits_are_the_same_however_the_stop_was_reached(runner: Runner, name: str) -> None:
    stepped, _ = runner.drive(PROGRAMS / name, *[Go()] * 6)
    jumped, _ = runner.drive(PROGRAMS / name, to(6))
    known = [stop.bits for stop in stepped.stops if stop.bits is not None]
    assert len(set(known[1:])) > 2
    at = [next(stop.bits for stop in run.stops if stop.phases == 6) for run in (stepped, jumped)]
    assert at[0] is not None
    assert at[0] == at[1]


def test_bits_tell_an_edit_of_one_element(runner: Runner) -> None:
    plain, _ = runner.drive(SEED, to(3), to(6))
    edited, _ = runner.drive(SEED, to(3), Evaluate("w.data[2] += 1e-6"), to(6))
    bits = [[stop.bits for stop in run.stops if stop.phases in (3, 6)] for run in (plain, edited)]
    assert bits[0][0] == bits[1][0]
    assert bits[0][1] != bits[1][1]


def test_the_same_edits_give_the_same_run(runner: Runner) -> None:
    def run() -> list[int | None]:
        commands = (to(2), Rate(2.0), to(4), Evaluate("w.data[0] = 1.5; w.grad = None"), to(6), Swap(), to(8))
        watched, _ = runner.drive(SEED, *commands)
        return [stop.bits for stop in watched.stops]

    assert run() == run()
