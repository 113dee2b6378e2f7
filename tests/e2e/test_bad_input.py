"""A good export broken in one way each: its own exit code, one message that teaches, nothing published."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

Break = Callable[[Path], None]


def _ae(raw: Path) -> Path:
    return raw / "V_QL1706_AE.csv"


def _remove_a_form(raw: Path) -> None:
    _ae(raw).unlink()


def _cut_a_file(raw: Path) -> None:
    content = _ae(raw).read_bytes()
    _ae(raw).write_bytes(content[: len(content) // 2])


def _drop_the_last_line(raw: Path) -> None:
    content = _ae(raw).read_bytes()
    _ae(raw).write_bytes(content[: content.rindex(b"EOF")])


def _use_semicolons(raw: Path) -> None:
    _ae(raw).write_bytes(_ae(raw).read_bytes().replace(b",", b";"))


def _write_gbk(raw: Path) -> None:
    text = _ae(raw).read_text(encoding="utf-8")
    body, end = text.rsplit("\n", 2)[0], "EOF\n"
    _ae(raw).write_bytes(f"{body}皮疹\n{end}".encode("gbk", "replace"))


def _write_utf_16(raw: Path) -> None:
    _ae(raw).write_text(_ae(raw).read_text(encoding="utf-8"), encoding="utf-16")


def _empty_the_folder(raw: Path) -> None:
    for path in raw.iterdir():
        path.unlink()


def _remove_the_folder(raw: Path) -> None:
    shutil.rmtree(raw)


def _leave_no_subject(raw: Path) -> None:
    path = raw / "V_QL1706_SUBJ.csv"
    header = path.read_bytes().splitlines()[0]
    path.write_bytes(header + b"\nEOF\n")


def _drop_a_column(raw: Path) -> None:
    lines = _ae(raw).read_text(encoding="utf-8").replace("AESTDAT_RAW", "AESTDAT_ROW", 1)
    _ae(raw).write_text(lines, encoding="utf-8")


def _one_record_id_twice(raw: Path) -> None:
    path = raw / "V_QL1706_DM.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    twin = lines[1].replace(",Male,", ",Female,") if ",Male," in lines[1] else lines[1].replace(",Female,", ",Male,")
    assert twin != lines[1]
    path.write_text("\n".join([*lines[:-1], twin, lines[-1]]) + "\n", encoding="utf-8")


CASES: list[tuple[Break, int, str]] = [
    (_remove_a_form, 11, "AE"),
    (_cut_a_file, 11, "V_QL1706_AE.csv"),
    (_drop_the_last_line, 11, "EOF"),
    (_use_semicolons, 11, "semicolon"),
    (_write_gbk, 11, "UTF-8"),
    (_write_utf_16, 11, "UTF-16"),
    (_empty_the_folder, 11, "empty"),
    (_remove_the_folder, 11, "raw"),
    (_leave_no_subject, 11, "subject"),
    (_drop_a_column, 11, "AESTDAT"),
    (_one_record_id_twice, 12, "twice"),
]


@pytest.mark.parametrize(("break_it", "exit_code", "says"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_broken_export_stops_with_its_code_and_publishes_nothing(
    clean_export, tmp_path, cdisc_flows, break_it, exit_code, says
):
    raw, out = tmp_path / "raw", tmp_path / "out"
    shutil.copytree(clean_export, raw)
    break_it(raw)

    done = cdisc_flows("run", "--study", "ql1706", "--raw", raw, "--out", out, "--plain")

    _taught(done, exit_code, says)
    assert not out.exists()


def _edit(file: str, edit: Callable[[dict], None]) -> Break:
    def change(study: Path) -> None:
        content = yaml.safe_load((study / file).read_text(encoding="utf-8"))
        edit(content)
        (study / file).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    return change


SPEC_CASES = {
    "unknown key": (_edit("study.yaml", lambda s: s.update(studdyid="X")), "did you mean 'studyid'"),
    "unknown rule": (
        _edit("adam/adae.yaml", lambda d: d["variables"]["TRTEMFL"].update(rule="treatment_emergentt")),
        "no rule 'treatment_emergentt'",
    ),
    "unknown codelist": (
        _edit("adam/adae.yaml", lambda d: d["variables"]["TRTEMFL"].update(codelist="YY_BLANKK")),
        "no codelist 'YY_BLANKK'",
    ),
}


@pytest.mark.parametrize(("break_it", "says"), SPEC_CASES.values(), ids=SPEC_CASES.keys())
def test_broken_spec_is_refused_before_any_data_is_read(tmp_path, cdisc_flows, break_it, says):
    study = tmp_path / "study"
    shutil.copytree(ROOT / "specs" / "ql1706", study)
    break_it(study)

    done = cdisc_flows("run", "--study", study, "--raw", tmp_path / "none", "--out", tmp_path / "out", "--plain")

    _taught(done, 10, says)


def test_unknown_study_names_the_known_ones(tmp_path, cdisc_flows):
    done = cdisc_flows("run", "--study", "ql1760", "--raw", tmp_path / "raw", "--out", tmp_path / "out", "--plain")

    _taught(done, 10, "did you mean 'ql1706'")


def test_output_that_cannot_be_written_is_said_before_the_work(clean_export, tmp_path, cdisc_flows):
    file = tmp_path / "a-file"
    file.write_text("mine")

    done = cdisc_flows("run", "--study", "ql1706", "--raw", clean_export, "--out", file / "out", "--plain")

    _taught(done, 13, "a-file")


def test_a_folder_that_is_not_an_output_is_never_replaced(clean_export, tmp_path, cdisc_flows):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter1.txt").write_text("mine")

    done = cdisc_flows("run", "--study", "ql1706", "--raw", clean_export, "--out", out, "--plain")

    _taught(done, 13, "thesis")
    assert (out / "chapter1.txt").read_text() == "mine"


def test_fail_on_error_stops_a_study_with_errors_and_leaves_the_last_output(dirty_export, tmp_path, cdisc_flows):
    out = tmp_path / "out"
    done = cdisc_flows("run", "--study", "ql1706", "--raw", dirty_export, "--out", out, "--plain", "--fail-on", "error")

    _taught(done, 12, "--fail-on")
    assert not out.exists()


def test_a_failed_run_leaves_a_line_in_the_log_of_runs(tmp_path, cdisc_flows):
    cdisc_flows("run", "--study", "ql1706", "--raw", tmp_path / "none", "--out", tmp_path / "out", "--plain")

    assert '"exit_code": 11' in (tmp_path / "out.runs.jsonl").read_text()


def _taught(done, exit_code: int, says: str) -> None:
    assert done.returncode == exit_code, done.stderr
    assert says in done.stderr
    assert "Next: " in done.stderr
    assert "Traceback" not in done.stderr
