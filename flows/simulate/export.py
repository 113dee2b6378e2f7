"""Simulates a study's raw export and writes it, with the answer key of its faults beside the folder."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from flows.simulate.arrays import stream
from flows.simulate.baseline_forms import fill_baseline
from flows.simulate.faults import KEY_COLUMNS, Planted, plant_faults
from flows.simulate.formats import FORMATS, Writer
from flows.simulate.outcome_forms import fill_outcome
from flows.simulate.records import Forms, number_records
from flows.simulate.schedule import folders
from flows.simulate.treatment_forms import fill_treatment
from flows.simulate.truth import Truth, draw_truth
from flows.simulate.tumour_forms import fill_tumours
from specs.errors import HandoffError, Problem, UsageError, did_you_mean
from specs.loader import StudySpec

KEY_SUFFIX = "-answer-key.csv"
FORMS = frozenset((
    "SUBJ", "VISIT", "IC", "IE", "DM", "CANHX", "PRCANC", "MH", "EXQL", "EXLEN", "AE", "CM", "PROC", "HEM", "CHEM",
    "VS", "ECOG", "TARGET", "NONTARG", "NEWLES", "RESP", "EOT", "EOS", "DEATH", "SURV", "SUBAC",
))  # fmt: skip


@dataclass(frozen=True)
class SimulatedExport:
    """Where an export lies, where its answer key lies, and the records of each form."""

    folder: Path
    answer_key: Path
    rows: dict[str, int]


def simulate_study(
    study: StudySpec, subjects: int, seed: int, out: Path, *, clean: bool = False,
    format: str = "rave",  # noqa: A002 - the command line's word
) -> SimulatedExport:  # fmt: skip
    """Simulate the whole raw export of a study, and write it to the folder `out`.

    `subjects` counts subject numbers, screen failures included. The same study, size and seed give the same bytes.
    Beside the folder, `<out>-answer-key.csv` lists each planted fault (fault, code, form, record_id, usubjid, field); a
    clean study has none, and no key a fault that the format has no way to hold. An earlier export of the simulator at
    `out` is replaced, anything else refused with HandoffError (HAND-502). Raises UsageError for an unknown format, an
    impossible size, or a study with other forms.
    """
    _refuse_other_forms(study)
    if format not in FORMATS:
        raise UsageError(
            Problem(
                code="SIM-002", place=f"--format {format}", fact="The simulator does not write this format.",
                hint=did_you_mean(format, FORMATS), next_step="give one of: " + ", ".join(FORMATS) + ".",
            )
        )  # fmt: skip
    key_file = out.with_name(out.name + KEY_SUFFIX)
    _refuse_what_is_not_ours(study, out, key_file)
    truth = draw_truth(study, subjects, seed, clean=clean)
    forms = fill_forms(truth)
    planted = plant_faults(truth, forms, _folder_order(study), clean=clean)
    try:
        not_carried = planted.key["code"].isin(FORMATS[format].not_carried)
        _publish(FORMATS[format].write, truth, replace(planted, key=planted.key[~not_carried]), out, key_file)
    except OSError as error:
        raise HandoffError(
            Problem(
                code="HAND-501", place=str(out), fact=f"The export cannot be written: {error.strerror or error}.",
                next_step="choose a folder that can be written, with room for the export.",
            )
        ) from error  # fmt: skip
    return SimulatedExport(out, key_file, {name: len(rows) for name, rows in planted.forms.items()})


def _refuse_other_forms(study: StudySpec) -> None:
    """What happens to a patient is told in code, and only for the forms that this code knows."""
    strange = sorted(FORMS.symmetric_difference(study.forms))
    if strange:
        raise UsageError(
            Problem(
                code="SIM-003", place=f"forms.yaml of {study.studyid}",
                fact=f"The simulator makes studies with the forms of ql1706; these differ: {', '.join(strange)}.",
                next_step="simulate --study ql1706, or take an export of your own study.",
            )
        )  # fmt: skip


def fill_forms(truth: Truth) -> Forms:
    """Every form of the study, as entered by sites that make no mistakes, in the order of the spec."""
    filled = fill_baseline(truth) | fill_treatment(truth) | fill_tumours(truth) | fill_outcome(truth)
    ordered = {name: filled[name] for name in truth.study.forms}
    return number_records(truth.study, ordered, _folder_order(truth.study), stream(truth.seed, "records"))


def _folder_order(study: StudySpec) -> dict[str, float]:
    return {name: folder.seq for name, folder in folders(study).items()}


def _refuse_what_is_not_ours(study: StudySpec, out: Path, key_file: Path) -> None:
    """A folder is the simulator's own when only form files are in it and an answer key lies beside it."""
    if not out.exists() and not key_file.exists():
        return
    patterns = [name for known in FORMATS.values() for name in known.file_names(study)]
    empty = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    ours = empty or (
        out.is_dir()
        and all(p.is_file() and any(p.match(pattern) for pattern in patterns) for p in out.iterdir())
        and key_file.is_file()
    )
    key_ours = not key_file.exists() or (key_file.is_file() and _is_key(key_file))
    if not (ours and key_ours):
        raise HandoffError(
            Problem(
                code="HAND-502", place=str(out if not ours else key_file),
                fact="This is not empty, and the simulator did not make it: nothing was changed.",
                next_step="choose another folder for the export, or empty this one yourself.",
            )
        )  # fmt: skip


def _is_key(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline().strip() == ",".join(KEY_COLUMNS).encode()


def _publish(write: Writer, truth: Truth, planted: Planted, out: Path, key_file: Path) -> None:
    """Write beside the folder first, so that a run that dies leaves no half export under its name."""
    out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        known = folders(truth.study)
        write(staging, truth.study, planted.forms, planted.people, truth.sites, known, planted.extras)
        staged_key = staging / key_file.name
        planted.key.to_csv(staged_key, index=False, lineterminator="\n", encoding="utf-8")
        staged_key.replace(key_file)
        if out.exists():
            shutil.rmtree(out)
        staging.chmod(0o755)
        staging.replace(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
