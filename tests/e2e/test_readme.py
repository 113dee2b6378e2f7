"""Every command of the README runs, in the README's order, and every path that it names is there."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
COMMANDS = [shlex.split(line, comments=True)[1:] for line in SHELL if line.startswith("cdisc-flows ")]


@pytest.fixture(scope="module")
def after_demo(tmp_path_factory, dirty_export):
    """A folder as `make demo` leaves it, as far as the commands need it."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(dirty_export, folder / "demo" / "raw")
    shutil.copytree(ROOT / "tests" / "studies", folder / "tests" / "studies")
    return folder


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] != "serve"], ids=" ".join)
def test_each_command_of_the_readme_runs(cdisc_flows, after_demo, words):
    done = cdisc_flows(*words, cwd=after_demo)

    # the demo's data are dirty on purpose, which is what `check` then says; a cut-off makes another output
    assert done.returncode == (12 if words[0] in ("check", "compare") else 0), done.stderr


def test_the_serve_command_of_the_readme_is_the_one_that_the_prefect_tests_run():
    (words,) = [words for words in COMMANDS if words[0] == "serve"]

    assert words[1::2] == ["--study", "--raw", "--out", "--cron"]
    assert words[-1] == "0 2 * * *"


def test_each_make_verb_of_the_readme_exists():
    verbs = set(re.findall(r"(?:^|`)make (?:[A-Z]+=\S+ )?([a-z-]+)\b", README, re.MULTILINE))

    assert {"demo", "test"} <= verbs
    assert verbs <= set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_each_room_of_the_readme_exists():
    for room in re.findall(r"^\| `([a-z]+)/` \|", README, re.MULTILINE):
        assert (ROOT / room).is_dir()
