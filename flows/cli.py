"""The command line. Each command is thin: it checks words, calls a plain function, and shows what came of it.

Heavy imports stand inside the commands, so that `--help` and a usage error answer at once.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import cli_judging
from flows.cli_days import DAY, day_of
from flows.memory import manage_memory
from flows.prefect_settings import configured_api_url, prepare_environment, require_answering_api
from flows.request import Half, RunRequest
from specs.counted import how_many
from specs.errors import INTERRUPTED, CdiscFlowsError, PrefectUnavailableError, Problem, UsageError

if TYPE_CHECKING:
    from flows.request import RunSummary

app = typer.Typer(
    name="cdisc-flows",
    help="From raw EDC exports to checked SDTM and ADaM datasets, as Parquet and SAS XPT.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def everywhere(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; accepted after any command, too.")] = False,
) -> None:
    """From raw EDC exports to checked SDTM and ADaM datasets, as Parquet and SAS XPT."""
    # `main` has taken --debug off the words already, wherever it stood; the option is here for --help


class DatasetJsonChoice(StrEnum):
    """Whether Dataset-JSON is written, too, and which kind of it."""

    NONE = "none"
    JSON = "json"
    NDJSON = "ndjson"
    BOTH = "both"


class FailOnChoice(StrEnum):
    """From which severity on findings make a run fail."""

    NEVER = "never"
    ERROR = "error"
    WARNING = "warning"


class OutputFormat(StrEnum):
    """How `explain` says what it found."""

    TEXT = "text"
    JSON = "json"


Study = Annotated[str, typer.Option("--study", help="Name of a study under specs/, or path to its folder.")]
Raw = Annotated[Path, typer.Option("--raw", help="Folder with the raw EDC export.")]
Out = Annotated[Path, typer.Option("--out", help="Folder to publish to; replaced as a whole, or not at all.")]
RawFormat = Annotated[
    str,
    typer.Option("--format", help="Format of the raw export: auto, rave, odm, redcap, csv, xpt, sas7bdat, parquet."),
]
Cutoff = Annotated[
    date | None,
    typer.Option("--cutoff", parser=day_of("--cutoff"), metavar=DAY, help="Data cut-off date, applied before ADaM."),
]
FailOn = Annotated[
    FailOnChoice, typer.Option("--fail-on", help="Exit 12, and publish nothing, on findings this severe or worse.")
]
DatasetJson = Annotated[
    DatasetJsonChoice, typer.Option("--dataset-json", help="Write Dataset-JSON 1.1, too, as JSON or as NDJSON.")
]
Keep = Annotated[
    int | None,
    typer.Option("--keep", min=1, help="Keep so many good outputs, this one counted; earlier ones go to OUT.kept."),
]
Prefect = Annotated[
    bool | None,
    typer.Option("--prefect/--plain", help="As a Prefect flow, or in-process. Default: Prefect where an API is set."),
]


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the demo's export and output.")] = Path("demo"),
    subjects: Annotated[int, typer.Option("--subjects", min=1, help="How many subjects to simulate.")] = 120,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the simulator.")] = 42,
    plain: Annotated[bool, typer.Option("--plain", help="Run in-process, without Prefect.")] = False,
) -> None:
    """Simulate a small study, run everything as a Prefect flow, and say where things are."""
    from flows.demo import run_demo

    _show(run_demo(out, subjects, seed, plain=plain))


@app.command()
def simulate(
    study: Study,
    out: Annotated[Path, typer.Option("--out", help="Folder for the export; OUT-answer-key.csv goes beside it.")],
    subjects: Annotated[int, typer.Option("--subjects", min=1, help="How many subjects, screen failures included.")],
    seed: Annotated[int, typer.Option("--seed", help="Seed: the same one gives the same bytes.")] = 42,
    raw_format: Annotated[
        str, typer.Option("--format", help="Format of the export: rave, odm, redcap, csv, xpt, parquet.")
    ] = "rave",
    clean: Annotated[bool, typer.Option("--clean", help="Plant no faults.")] = False,
) -> None:
    """Write a raw export of a simulated study, with an answer key of the faults in it."""
    from flows.simulate import simulate_study
    from flows.study import open_study

    export = simulate_study(open_study(study), subjects, seed, out, clean=clean, format=raw_format)
    records = how_many(sum(export.rows.values()), "record")
    typer.echo(f"{records} in {how_many(len(export.rows), 'form')}: {export.folder}")
    typer.echo(f"Answer key: {export.answer_key}")


@app.command()
def run(
    study: Study,
    raw: Raw,
    out: Out,
    cutoff: Cutoff = None,
    raw_format: RawFormat = "auto",
    fail_on: FailOn = FailOnChoice.NEVER,
    dataset_json: DatasetJson = DatasetJsonChoice.NONE,
    keep: Keep = None,
    prefect: Prefect = None,
) -> None:
    """Raw export to SDTM, ADaM and hand-off."""
    _run(_request(study, raw, out, "both", cutoff, raw_format, fail_on, dataset_json, keep), prefect)


@app.command()
def sdtm(
    study: Study,
    raw: Raw,
    out: Out,
    raw_format: RawFormat = "auto",
    fail_on: FailOn = FailOnChoice.NEVER,
    dataset_json: DatasetJson = DatasetJsonChoice.NONE,
    keep: Keep = None,
    prefect: Prefect = None,
) -> None:
    """Raw export to SDTM: the first half of `run`."""
    _run(_request(study, raw, out, "sdtm", None, raw_format, fail_on, dataset_json, keep), prefect)


@app.command()
def adam(
    study: Study,
    sdtm_folder: Annotated[Path, typer.Option("--sdtm", help="Folder with SDTM as Parquet or XPT.")],
    out: Out,
    cutoff: Cutoff = None,
    fail_on: FailOn = FailOnChoice.NEVER,
    dataset_json: DatasetJson = DatasetJsonChoice.NONE,
    keep: Keep = None,
    prefect: Prefect = None,
) -> None:
    """SDTM, wherever it came from, to ADaM: the second half of `run`."""
    _run(_request(study, sdtm_folder, out, "adam", cutoff, "auto", fail_on, dataset_json, keep), prefect)


@app.command()
def explain(
    study: Study,
    sdtm_folder: Annotated[Path, typer.Option("--sdtm", help="Folder with SDTM as Parquet or XPT.")],
    subject: Annotated[str, typer.Option("--subject", help="USUBJID of the subject.")],
    cutoff: Cutoff = None,
    output: Annotated[OutputFormat, typer.Option("--format", help="How to say it.")] = OutputFormat.TEXT,
) -> None:
    """Why a subject's survival, response, DLT and emergence flags are what they are: each case, and what decided."""
    from flows.calling import progress_display
    from flows.explaining import as_json, explain_subject, show_trace

    with progress_display() as progress:
        spec, trace = explain_subject(study, sdtm_folder, subject, cutoff, progress)
    if output is OutputFormat.JSON:
        typer.echo(as_json(trace))
    else:
        show_trace(trace, spec)


app.command()(cli_judging.check)
app.command()(cli_judging.compare)
app.command()(cli_judging.verify)


@app.command()
def serve(
    study: Study,
    raw: Raw,
    out: Out,
    cron: Annotated[str, typer.Option("--cron", help='When to run, e.g. "0 2 * * *": every night at two.')],
    timezone: Annotated[str, typer.Option("--timezone", help="Time zone of the schedule.")] = "UTC",
    fail_on: FailOn = FailOnChoice.NEVER,
    dataset_json: DatasetJson = DatasetJsonChoice.NONE,
    keep: Keep = None,
) -> None:
    """Register the scheduled Prefect deployment of a study, and execute its runs until stopped."""
    url = configured_api_url()
    if url is None:
        raise UsageError(
            Problem(
                code="PREFECT-002",
                place="serve",
                fact="A schedule needs a Prefect server that stays, and no API is configured.",
                next_step="`prefect server start`, then set PREFECT_API_URL to its address and serve again.",
            )
        )
    require_answering_api(url)
    from flows.serving import serve_study

    serve_study(_request(study, raw, out, "both", None, "auto", fail_on, dataset_json, keep), cron, timezone)


def _request(
    study: str,
    source: Path,
    out: Path,
    half: Half,
    cutoff: date | None,
    raw_format: str,
    fail_on: FailOnChoice,
    dataset_json: DatasetJsonChoice = DatasetJsonChoice.NONE,
    keep: int | None = None,
) -> RunRequest:
    return RunRequest(study, source, out, half, cutoff, raw_format, fail_on.value, dataset_json.value, keep)


def _run(request: RunRequest, prefect: bool | None) -> None:
    if prefect is not False:
        url = configured_api_url()
        if url is not None:
            _require_api(url, request)
            prefect = True
    if prefect:
        prepare_environment()
        from flows.prefect_flows import run_as_flow

        _show(run_as_flow(request))
        return
    from flows.calling import progress_display
    from flows.recording import run_recorded

    with progress_display() as progress:
        summary = run_recorded(request, progress=progress)
    _show(summary)


def _require_api(url: str, request: RunRequest) -> None:
    try:
        require_answering_api(url)
    except PrefectUnavailableError as error:
        from flows.recording import record_failure

        record_failure(request, error)
        raise


def _show(summary: RunSummary) -> None:
    from flows.summary import show

    show(summary)


def main() -> None:
    """Entry point: words to exit codes. A user's mistake shows its problems, a bug shows a traceback on --debug."""
    manage_memory()
    debug = "--debug" in sys.argv or bool(os.environ.get("CDISC_FLOWS_DEBUG"))
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    try:
        app(arguments)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            typer.echo("Interrupted. An output is published whole or not at all: what is there is whole.", err=True)
        raise
    except CdiscFlowsError as error:
        if debug:
            raise
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        if debug:
            raise
        typer.echo(
            # not the message itself: it may quote a subject's data
            f"BUG-001  {_last_place(error)}\n"
            f"  {type(error).__name__}. This is a fault of the program, not of your data. Nothing was published.\n"
            "  Next: run again with --debug, and report the traceback (look through it for subject data first).",
            err=True,
        )
        sys.exit(1)


def _last_place(error: BaseException) -> str:
    """File and line of this project's code where the error came up."""
    here = Path(__file__).parents[1]
    place = "unknown place"
    trace = error.__traceback__
    while trace:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(here) and "site-packages" not in file.relative_to(here).parts:
            place = f"{file.relative_to(here)}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
