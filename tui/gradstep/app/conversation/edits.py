"""What changes the program while it waits: its learning rate, its variables, the step it has just taken."""

from __future__ import annotations

from gradstep.app.conversation.link import Link
from gradstep.app.conversation.steps import Steps
from gradstep.app.runs.runs import Run
from gradstep.app.runs.words import again_name, asks_to_change
from gradstep.model.message import Clear, Edit, Evaluate, Evaluated, Swap


class Edits:
    """Sends edits, hears their answers, and keeps what was edited in this run."""

    def __init__(self, link: Link, steps: Steps) -> None:
        self._link = link
        self._steps = steps
        self.typed: list[str] = []
        """The lines of Python that were typed."""
        self.branch: Run | None = None
        """A run that has just branched off, for an edit whose answer is to come."""

    @property
    def made(self) -> list[tuple[int, Edit]]:
        """What has changed the run: after how many phases, and what; done again where the run is repeated."""
        return [(made.phases, made.edit) for made in self._link.runs.live.edits]

    def edit(self, edit: Edit) -> None:
        """Change the program where it waits."""
        link = self._link
        if link.state.mode != "waiting":
            link.set(hint=self._steps.why_not())
        elif link.state.editing:
            link.set(hint="the edit before this one is still under way: one moment")
        else:
            link.set(editing=True)
            link.source.send(edit)

    def clear(self) -> None:
        """Clear gradients after each update, or stop doing so."""
        link = self._link
        clearing = not link.state.clearing
        link.set(clearing=clearing, hint="gradients are cleared after each update" if clearing else "gradients stay")
        link.source.send(Clear(clearing))
        if link.state.mode in ("waiting", "running", "pausing"):
            link.runs.made(Clear(clearing), waiting=link.state.mode == "waiting")

    def remember(self, text: str) -> None:
        """A line of Python was typed."""
        if text not in self.typed[-1:]:
            self.typed.append(text)

    def interrupt(self) -> bool:
        """Stop the prompt's code; False if none runs."""
        if self._link.state.editing:
            self._link.source.pause()
        return self._link.state.editing

    def answered(self, answer: Evaluated) -> None:
        """Show an answer, and the stop as it is now."""
        link = self._link
        asked = answer.edit.text if isinstance(answer.edit, Evaluate) else ""
        link.write(f">>> {asked}\n{answer.text}\n" if asked else f"gradstep: {answer.text}\n", answer.error)
        if not answer.error or answer.stop is not None:
            link.runs.made(answer.edit, told=asks_to_change(answer), failed=answer.error)
        if answer.stop is not None:
            link.history.put(answer.stop)
        shown = link.host.prompting or "\n" in answer.text
        link.set(editing=False, asking=False, hint="" if shown else answer.text)
        if asked:
            link.host.evaluated(asked, answer.text, answer.error)
        self._name_branch(answer)

    def _name_branch(self, answer: Evaluated) -> None:
        """A run is named after what was to be changed in it only if something was."""
        run, self.branch = self.branch, None
        idle = answer.stop is None and (answer.error or isinstance(answer.edit, Swap))
        if idle and run is not None and run is self._link.runs.live and run.parent is not None:
            self._link.runs.rename(run, again_name(run.parent.name))

    def ended(self) -> None:
        """The program is gone."""
        if self._link.state.editing:
            self._link.set(editing=False)
            self._link.host.evaluated("", "the program has ended", True)
