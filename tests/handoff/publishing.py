"""Publishes outputs without end, as fast as it can, to be killed. Each has a generation that all of its files have."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from flows.handoff import append_run, publish
from specs.errors import HandoffError

FILES = 12


def publish_one(out: Path) -> None:
    """Publish the generation after the one that is there."""
    with publish.OutputFolder(out) as folder:
        last = folder.last_output
        generation = json.loads((last / "manifest.json").read_text())["generation"] + 1 if last else 1
        (folder.stage / "sdtm").mkdir()
        names = [f"sdtm/{n}.txt" for n in range(FILES)]
        for name in names:
            (folder.stage / name).write_text(f"{generation}\n" * 2_000)
        manifest = {"written_by": "cdisc-flows", "generation": generation, "outputs": [{"path": n} for n in names]}
        (folder.stage / "manifest.json").write_text(json.dumps(manifest))
        folder.publish()


def generation_of(out: Path) -> int:
    """The generation of an output; AssertionError where it is not whole."""
    manifest = json.loads((out / "manifest.json").read_text())
    files = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert files == sorted([*(output["path"] for output in manifest["outputs"]), "manifest.json"])
    for output in manifest["outputs"]:
        assert (out / output["path"]).read_text() == f"{manifest['generation']}\n" * 2_000
    return int(manifest["generation"])


def publish_for_ever(out: Path, exchange: bool) -> None:
    if not exchange:
        publish._exchange = lambda one, other: False
    while True:
        with suppress(HandoffError):  # the other process holds the lock
            publish_one(out)


def append_twenty(out: Path, writer: int) -> None:
    for n in range(20):
        append_run(out, {"writer": writer, "n": n})


def start_process(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """A process of its own: forked from a server that has this module loaded already, so it starts at once."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    process = server.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process
