"""The command line: help, usage errors, and what stands between the words and the work."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["demo"],
        ["simulate"],
        ["run"],
        ["sdtm"],
        ["adam"],
        ["explain"],
        ["check"],
        ["compare"],
        ["verify"],
        ["serve"],
    ],
)
def test_every_command_has_help(cdisc_flows, command):
    done = cdisc_flows(*command, "--help")

    assert done.returncode == 0
    assert "Usage: " in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "--studdy", "ql1706"],
        ["run", "--study", "ql1706", "--raw", "x", "--out", "y", "--cutoff", "2025-02-30"],
        ["run", "--study", "ql1706", "--raw", "x", "--out", "y", "--fail-on", "sometimes"],
        ["simulate", "--study", "ql1706", "--out", "x", "--subjects", "0"],
        ["serve", "--study", "ql1706", "--raw", "x", "--out", "y", "--cron", "0 2 * * *"],
    ],
)
def test_usage_errors_exit_with_2_and_no_traceback(cdisc_flows, words):
    done = cdisc_flows(*words)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "text", "why"),
    [
        ("--cutoff", "2025-13-01", "month must be in 1..12"),
        ("--cutoff", "2025-02-29", "day "),  # 2025 is no leap year
        ("--cutoff", "20250630", "its form is another"),
        ("--cutoff", "30.06.2025", "its form is another"),
        ("--today", "", "its form is another"),
    ],
)
def test_a_day_that_is_none_is_told_in_our_words(cdisc_flows, tmp_path, option, text, why):
    command = ["run", "--raw", tmp_path, "--out", tmp_path / "o"] if option == "--cutoff" else ["check", tmp_path]
    done = cdisc_flows(*command, "--study", "ql1706", option, text)

    assert done.returncode == 2
    assert done.stderr.startswith(f"USAGE-003  {option} {text}".rstrip())
    assert f"This names no day: {why}" in done.stderr
    assert "YYYY-MM-DD" in done.stderr
    assert not (tmp_path / "o").exists()


def test_debug_shows_the_traceback_wherever_it_stands(cdisc_flows, tmp_path):
    done = cdisc_flows("run", "--study", "nope", "--raw", tmp_path / "r", "--out", tmp_path / "o", "--plain", "--debug")

    assert "Traceback" in done.stderr
    assert "SPEC-001" in done.stderr


def test_an_api_that_is_configured_but_silent_ends_with_14_and_no_plain_run(cdisc_flows, tmp_path):
    with socket.socket() as listener:  # bound but never accepting: nobody answers here
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        done = cdisc_flows(
            "run", "--study", "ql1706", "--raw", tmp_path, "--out", tmp_path / "out", PREFECT_API_URL=url, timeout=60
        )

    assert done.returncode == 14
    assert url in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_profile_with_an_api_counts_as_configured(cdisc_flows, tmp_path):
    (tmp_path / "profiles.toml").write_text(
        'active = "site"\n[profiles.site]\nPREFECT_API_URL = "http://127.0.0.1:9/api"\n'
    )
    done = cdisc_flows(
        "run", "--study", "ql1706", "--raw", tmp_path, "--out", tmp_path / "out",
        PREFECT_PROFILES_PATH=str(tmp_path / "profiles.toml"), timeout=60,
    )  # fmt: skip

    assert done.returncode == 14


def test_an_output_around_its_own_input_is_refused(cdisc_flows, tmp_path):
    (tmp_path / "out" / "sdtm").mkdir(parents=True)
    done = cdisc_flows("adam", "--study", "ql1706", "--sdtm", tmp_path / "out" / "sdtm", "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "lie in one another" in done.stderr
    assert (tmp_path / "out" / "sdtm").is_dir()
