"""What changes the program while it waits: its learning rate, its variables, the step it has just taken."""

from __future__ import annotations

from gradstep.app.budget import Budget
from gradstep.app.screens.prompt import PromptScreen
from gradstep.app.screens.steering import SteeringScreen
from gradstep.draw.prompt import asks_to_change, where_words
from gradstep.model.message import Edit, Evaluate, Evaluated, Event, Exited, Rate, Ready, Swap
from gradstep.source import Source


class EditingScreen(SteeringScreen):
    """Sends edits, hears their answers, and keeps what was edited in this run."""

    def __init__(self, source: Source, budget: Budget | None = None) -> None:
        super().__init__(source, budget)
        self._typed: list[str] = []
        self._prompt: PromptScreen | None = None

    @property
    def edits(self) -> list[tuple[int, Edit]]:
        """What has changed the run: after how many phases, and what; done again where the run is repeated."""
        return [(made.phases, made.edit) for made in self.runs.live.edits]

    def edit(self, edit: Edit) -> None:
        """Change the program at the stop that is shown."""
        if self.state.mode != "waiting":
            self._set(hint=self._why_not())
        elif self.state.editing:
            self._set(hint="the edit before it is under way: one moment")
        else:
            self._set(editing=True)
            self.source.send(edit)

    def action_rate(self, factor: float) -> None:
        """Multiply the learning rate."""
        self.edit(Rate(factor))

    def action_swap(self) -> None:
        """Take the fresh step alone."""
        self.edit(Swap())

    def action_prompt(self) -> None:
        """Ask for Python."""
        if self.state.mode != "waiting" and not self.runs.past:
            self._set(hint=self._why_not())
            return
        where = where_words(self.moment.stop.frame, self.state.title)
        self._prompt = PromptScreen(where, self._typed, self._run_typed, self._interrupt)
        self.app.push_screen(self._prompt, self._prompt_closed)

    def _run_typed(self, text: str) -> None:
        """Run what was typed, or hand it to what reads a line."""
        if self.state.asking:
            self._answer(f"{text}\n")
            self._set(asking=False)
        else:
            if text not in self._typed[-1:]:
                self._typed.append(text)
            self.edit(Evaluate(text))
        self._tell_prompt()

    def _interrupt(self) -> bool:
        """Stop the prompt's code; False if none runs."""
        if self.state.editing:
            self.source.pause()
        return self.state.editing

    def _pause(self) -> bool:
        """An edit that takes its time is stopped as a running program is."""
        return self._interrupt() or super()._pause()

    def _prompt_closed(self, _nothing: None) -> None:
        self._prompt = None

    def _tell_prompt(self) -> None:
        if self._prompt is not None and self._prompt.is_mounted:
            self._prompt.follow(self.state)

    def _take(self, event: Event) -> None:
        super()._take(event)
        if isinstance(event, Evaluated) and not self._restarting:
            self._take_answer(event)
        elif isinstance(event, Ready):
            self._set(editing=False)
        elif isinstance(event, Exited) and self.state.editing:
            self._set(editing=False)
            if self._prompt is not None:
                self._prompt.tell("", "the program has ended", True)
        self._tell_prompt()

    def _take_answer(self, answer: Evaluated) -> None:
        """Show it, and the stop as it is now."""
        asked = answer.edit.text if isinstance(answer.edit, Evaluate) else ""
        self._write(f">>> {asked}\n{answer.text}\n" if asked else f"gradstep: {answer.text}\n", answer.error)
        if not answer.error or answer.stop is not None:
            self.runs.made(answer.edit, told=asks_to_change(answer), failed=answer.error)
        if answer.stop is not None:
            self.history.put(answer.stop)
        hint = answer.text if self._prompt is None and "\n" not in answer.text else ""
        self._set(editing=False, asking=False, hint=hint)
        if self._prompt is not None and asked:
            self._prompt.tell(asked, answer.text, answer.error)
