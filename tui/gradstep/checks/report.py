"""What did not hold, for those who read it by machine: a JUnit file, annotations on GitHub."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

from gradstep.checks.checks import Breach, Check, Checks
from gradstep.model.printable import printable, printable_line
from gradstep.model.stop import Stop


def where(stop: Stop | None) -> str:
    """`train.py:12, stop 3, iteration 1`."""
    if stop is None:
        return "the end of the run"
    place = stop.place
    spot = f"{os.path.basename(place.file)}:{place.line}" if place.line and not place.cell else place.spot
    return f"{spot}, stop {stop.index:,}, iteration {stop.iteration:,}"


def line(breach: Breach) -> str:
    """One line for people."""
    said = f"assert {breach.check}: " if breach.asserted else f"{breach.check}: "
    return printable_line(f"{said}{breach.message} ({where(breach.stop)})")


def junit(checks: Checks, title: str, code: int, seconds: float) -> str:
    """A JUnit file: a case for each finding, for each assertion, and for the program itself."""
    suite = ElementTree.Element("testsuite", name=_text(f"gradstep {title}"), time=f"{seconds:.3f}", errors="0")
    cases = [_case(suite, title, check, check.name in checks.asserted) for check in checks.all]
    ends = ElementTree.SubElement(suite, "testcase", classname=_text(title), name="the program ends well")
    if code:
        ElementTree.SubElement(ends, "failure", type="exit-code", message=f"it ended with exit code {code}")
    suite.set("tests", str(len(cases) + 1))
    suite.set("failures", str(sum(cases) + bool(code)))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, title: str, check: Check, asserted: bool) -> bool:
    name = f"assert {check.name}" if asserted else f"no {check.name}"
    case = ElementTree.SubElement(suite, "testcase", classname=_text(title), name=_text(name))
    if check.breaches:
        first = check.breaches[0]
        failure = ElementTree.SubElement(case, "failure", type=_text(first.check), message=_text(line(first)))
        failure.text = _text("\n".join(map(line, check.breaches)))
    return bool(check.breaches)


def _text(text: str) -> str:
    """Without what XML cannot hold."""
    return printable(text)


def github_lines(breaches: Iterable[Breach], environment: Mapping[str, str]) -> list[str]:
    """Lines that GitHub shows beside the code; none where it does not run there."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return []
    return [_annotation(breach, environment.get("GITHUB_WORKSPACE") or os.getcwd()) for breach in breaches]


def _annotation(breach: Breach, root: str) -> str:
    place = breach.stop.place if breach.stop is not None else None
    at = ""
    if place is not None and place.file and place.line and not place.cell:
        file = os.path.relpath(place.file, root)
        at = f"file={_property(place.file if file.startswith('..') else file)},line={place.line},"
    return f"::error {at}title={_property(f'gradstep: {breach.check}')}::{_data(line(breach))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable_line(text)).replace(":", "%3A").replace(",", "%2C")
