"""Ties a session to torch: where autograd, optimizers, scalers and dynamo are listened to."""

from __future__ import annotations

import functools
import random
import sys
from typing import Any

import numpy
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from gradstep.program.host.imports import after_import
from gradstep.program.host.talk import Talk
from gradstep.program.host.warned import name_own_lines, passed_over
from gradstep.program.session.aside import step_aside_without_grad
from gradstep.program.session.compiled import watch_dynamo
from gradstep.program.session.functions import watch_functions
from gradstep.program.session.overrides import run_straight
from gradstep.program.session.session import Session
from gradstep.program.session.traced import step_aside_while_tracing
from gradstep.program.session.watching import Watching
from gradstep.program.tensors import devices, private
from gradstep.program.tensors.private import EngineRun, push_mode


def attach(talk: Talk) -> None:
    """Watch this process's torch from here on. Raises ValueError for a torch or a device that cannot be used."""
    private.check()
    launch = talk.launch
    if launch.device is not None:
        devices.use(devices.choose(launch.device))
    random.seed(launch.seed)
    numpy.random.seed(launch.seed % 2**32)
    torch.manual_seed(launch.seed)
    session = Session(talk)
    _watch_engine(session)
    _watch_optimizers(session)
    session.scaling.watch()
    session.modules.watch()
    session.clues.watch()
    watch_functions(session.calls, session.clues.functions, session.guard, session.before_function)
    _watch_saved_tensors(session)
    name_own_lines(session.clues.warned)
    step_aside_without_grad(session.recorder)
    step_aside_while_tracing(session.recorder)
    after_import("torch._dynamo.eval_frame", lambda: watch_dynamo(session.recorder, session.blackout, talk.notice))
    run_straight(session.recorder)
    push_mode(session.recorder)
    talk.watcher = Watching(session)
    talk.ready(str(torch.__version__), devices.available())
    for text in private.notices():
        talk.notice(text)


def _watch_engine(session: Session) -> None:
    """Follow every call of backward."""

    def seen(run: EngineRun) -> EngineRun:
        @functools.wraps(run)
        def run_seen(t_outputs: Any, *args: Any, **kwargs: Any) -> Any:
            if session.ignores(t_outputs):
                session.flows.listen_within(t_outputs)
                return run(t_outputs, *args, **kwargs)
            under_way = session.begin_backward(t_outputs, args, kwargs)
            try:
                result = run(t_outputs, *args, **kwargs)
            finally:
                session.leave_backward(under_way)
            session.end_backward(under_way, run, result)
            return result

        followed = passed_over(run_seen)
        session.engine = followed.__code__
        return followed

    def tried(make: EngineRun) -> EngineRun:
        @functools.wraps(make)
        def make_seen(outputs: Any, *args: Any, **kwargs: Any) -> Any:
            given: Any = args[0] if args else ()
            if len(given) == 1 and given[0] is not None and sys._getframe(1).f_code.co_name == "backward":
                with session.guard:
                    session.clues.given(outputs[0], given[0], sys._getframe(1))
            try:
                return make(outputs, *args, **kwargs)
            except RuntimeError:
                session.before_engine(outputs, sys._getframe(1))
                raise

        return passed_over(make_seen)

    private.wrap_engine(seen)
    private.wrap_first_gradients(tried)


def _watch_saved_tensors(session: Session) -> None:
    """Count the hooks on saved tensors that are on (activation checkpointing, offloading)."""
    hooks: Any = torch.autograd.graph.saved_tensors_hooks
    enter, leave = hooks.__enter__, hooks.__exit__

    @functools.wraps(enter)
    def enter_seen(self: Any) -> Any:
        session.tape.hooks += 1
        return enter(self)

    @functools.wraps(leave)
    def leave_seen(self: Any, *error: Any) -> Any:
        session.tape.hooks -= 1
        return leave(self, *error)

    hooks.__enter__, hooks.__exit__ = enter_seen, leave_seen


def _watch_optimizers(session: Session) -> None:
    def before(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        session.before_step(optimizer, closure=len(args) > 1 or bool(kwargs))

    def after(optimizer: torch.optim.Optimizer, _args: Any, _kwargs: Any) -> None:
        session.after_step(optimizer)

    register_optimizer_step_pre_hook(before)
    register_optimizer_step_post_hook(after)
    owner: Any = torch.optim.Optimizer
    add = owner.add_param_group

    @functools.wraps(add)
    def add_seen(self: torch.optim.Optimizer, param_group: dict[str, Any]) -> None:
        add(self, param_group)
        session.updates.add_group(self)

    owner.add_param_group = add_seen
