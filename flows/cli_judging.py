"""The commands that judge what exists: `check`, `compare` and `verify`. They write nothing but what they say."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.cli_days import DAY, day_of
from specs.errors import GateError, InputError

DIFFERENT = GateError.exit_code
UNREADABLE = InputError.exit_code


class CompareFormat(StrEnum):
    """How `compare` says what it found."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class VerifyFormat(StrEnum):
    """How `verify` says what it found."""

    TEXT = "text"
    JSON = "json"


class CheckFormat(StrEnum):
    """How `check` says what it found."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"
    HTML = "html"


class CheckGate(StrEnum):
    """From which severity on findings make `check` fail."""

    NEVER = "never"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


def check(
    study: Annotated[str, typer.Option("--study", help="Name of a study under specs/, or path to its folder.")],
    folder: Annotated[Path, typer.Argument(help="Folder of Parquet, XPT or Dataset-JSON, or an output.")],
    output: Annotated[CheckFormat, typer.Option("--format", help="How to say it.")] = CheckFormat.TEXT,
    fail_on: Annotated[
        CheckGate, typer.Option("--fail-on", help="Exit 12 on findings this severe or worse.")
    ] = CheckGate.WARNING,
    waivers: Annotated[
        Path | None, typer.Option("--waivers", help="YAML file of findings that someone answers for, until a day.")
    ] = None,
    today: Annotated[
        date | None,
        typer.Option(
            "--today",
            parser=day_of("--today"),
            metavar=DAY,
            help="The day to hold waivers against. Default: the clock's.",
        ),
    ] = None,
    listed: Annotated[int, typer.Option("--limit", min=0, help="How many records of each finding are shown.")] = 10,
) -> None:
    """Check existing datasets against the study. Exit 0 clean, 12 findings, 11 unreadable, 1 a check crashed."""
    from flows.checking import CheckRequest, check_folder, show_checked

    # a day of the person's own calendar, which is what an owner of a waiver means
    day = today or date.today()  # noqa: DTZ011
    checked = check_folder(CheckRequest(study, folder, day, waivers, fail_on.value, listed))
    typer.echo(show_checked(checked, output.value))
    if checked.exit_code:
        raise typer.Exit(checked.exit_code)


def compare(
    base: Annotated[Path, typer.Argument(help="A dataset, or a folder with datasets: what NEW is held against.")],
    new: Annotated[Path, typer.Argument(help="A dataset, or a folder with datasets.")],
    study: Annotated[str | None, typer.Option("--study", help="Tells keys that the files do not tell.")] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", help="Key variables: USUBJID,AESEQ, or AE=USUBJID,AESEQ; repeatable.")
    ] = None,
    absolute: Annotated[
        list[str] | None,
        typer.Option("--absolute", help="Numbers so near are equal: 0.001, AVAL=0.001 or ADTR.AVAL=0.001; repeatable."),
    ] = None,
    relative: Annotated[
        list[str] | None, typer.Option("--relative", help="The same, as a share of the value in BASE; repeatable.")
    ] = None,
    listed: Annotated[
        int, typer.Option("--limit", min=0, help="How many differing values and records are shown of each kind.")
    ] = 10,
    forms: Annotated[
        bool, typer.Option("--forms/--no-forms", help="Hold the forms of one dataset against each other, too.")
    ] = True,
    output: Annotated[CompareFormat, typer.Option("--format", help="How to say it.")] = CompareFormat.TEXT,
) -> None:
    """Compare two datasets, or all datasets of two folders, record by record. Exit 0 equal, 12 different."""
    from flows.comparing import CompareRequest, compare_places, read_keys, read_tolerances, show_comparison

    tolerances = read_tolerances(absolute or [], relative or [])
    request = CompareRequest(base, new, study, read_keys(key or []), tolerances, listed, forms)
    found = compare_places(request)
    typer.echo(show_comparison(found, output.value, colour=sys.stdout.isatty()))
    if not found.equal:
        raise typer.Exit(DIFFERENT)


def verify(
    out: Annotated[Path, typer.Argument(help="A published output, or a kept one (OUT.kept/3).")],
    runs: Annotated[Path | None, typer.Option("--runs", help="The journal of runs. Default: OUT.runs.jsonl.")] = None,
    output: Annotated[VerifyFormat, typer.Option("--format", help="How to say it.")] = VerifyFormat.TEXT,
) -> None:
    """Check that an output and its journal are as the runs left them. Exit 0 intact, 12 changed."""
    from flows.verifying import show_verification, verify_output

    result = verify_output(out, runs)
    typer.echo(show_verification(result, as_data=output is VerifyFormat.JSON))
    if not result.intact:
        raise typer.Exit(DIFFERENT)
