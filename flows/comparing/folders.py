"""Two files, or two folders with all their datasets, against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flows.comparing.alphabet import in_one_alphabet
from flows.comparing.datasets import compare_datasets
from flows.comparing.request import CompareRequest
from flows.comparing.result import Comparison, DatasetComparison, Side
from flows.datasets import Dataset, DatasetFile, UnreadableDatasetError, find_dataset_files, read_dataset_file
from flows.handoff.study import dataset_spec
from flows.study import open_study
from specs import StudySpec
from specs.errors import HandoffError, InputError, Problem, UsageError, did_you_mean

Forms = dict[str, DatasetFile]  # kind of file -> the file that holds a dataset so


@dataclass(frozen=True)
class _Pair:
    """Two files to compare."""

    base: DatasetFile
    new: DatasetFile
    forms: Side | None


def compare_places(request: CompareRequest) -> Comparison:
    """Compare BASE with NEW, each a file or a folder with every dataset in it and below.

    A dataset that both sides have is compared form by form (Parquet with Parquet, XPT with XPT), or as it is where they
    have no form in common; and where a side has it in two forms, these are held against each other. Two files are
    compared whatever their names. Raises InputError with all problems: a place or file that cannot be read, a dataset
    twice in one form; UsageError: no keys are known; SpecError for an unknown study.
    """
    study = open_study(request.study) if request.study else None
    problems: list[Problem] = []
    sides = []
    for place in (request.base, request.new):
        try:
            sides.append(_by_dataset(find_dataset_files(place), problems))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    base, new = sides
    if request.base.is_file() and request.new.is_file():
        new = dict(zip(base, new.values(), strict=True))
    compared = []
    for name in sorted({*base, *new}):
        try:
            compared += _compare_dataset(name, base.get(name, {}), new.get(name, {}), request, study, problems)
        except UsageError as error:
            problems += error.problems
    unreadable = [p for p in problems if p.code != _NO_KEYS]
    if problems:
        raise (InputError if unreadable else UsageError)(problems)
    return Comparison(
        base=str(request.base),
        new=str(request.new),
        datasets=compared,
        only_base=[file.place for name in sorted({*base} - {*new}) for file in base[name].values()],
        only_new=[file.place for name in sorted({*new} - {*base}) for file in new[name].values()],
    )


_NO_KEYS = "USAGE-020"


def _by_dataset(files: list[DatasetFile], problems: list[Problem]) -> dict[str, Forms]:
    found: dict[str, Forms] = defaultdict(dict)
    for file in files:
        if file.kind in found[file.name]:
            problems.append(
                Problem(
                    code="INPUT-108", place=file.place,
                    fact=f"Dataset {file.name} is there twice: {found[file.name][file.kind].place}, too.",
                    next_step="give the folder that holds one of them.",
                )
            )  # fmt: skip
        found[file.name][file.kind] = file
    return dict(found)


def _pairs(base: Forms, new: Forms, *, forms: bool) -> Iterator[_Pair]:
    common = [kind for kind in base if kind in new]
    for kind in common:
        yield _Pair(base[kind], new[kind], None)
    if not common and base and new:
        yield _Pair(next(iter(base.values())), next(iter(new.values())), None)
    if forms:
        sides: list[tuple[Side, Forms]] = [("base", base), ("new", new)]
        for side, held in sides:
            first, *others = held.values() if held else [None]
            for other in others:
                if first and other:
                    yield _Pair(first, other, side)


def _compare_dataset(
    name: str, base: Forms, new: Forms, request: CompareRequest, study: StudySpec | None, problems: list[Problem]
) -> list[DatasetComparison]:
    pairs = list(_pairs(base, new, forms=request.forms))
    read: dict[str, Dataset] = {}
    for file in [f for pair in pairs for f in (pair.base, pair.new)]:
        if str(file.path) not in read:
            try:
                read[str(file.path)] = read_dataset_file(file.path)
            except UnreadableDatasetError as error:
                problems.append(error.problem)
                return []
    if not pairs:
        return []
    keys, source = _keys(name, list(read.values()), request, study)
    compared = []
    for pair in pairs:
        one, other = read[str(pair.base.path)], read[str(pair.new.path)]
        places = (pair.base.place, pair.new.place)
        plan = DatasetComparison(name, *places, pair.forms, keys, source, 0, 0)
        same_kind = pair.base.kind == pair.new.kind
        if not same_kind and not (study and study.study.handoff.xpt_text == "utf-8"):
            one, other, in_ascii = in_one_alphabet((pair.base.kind, one), (pair.new.kind, other))
            plan = replace(plan, in_ascii=in_ascii)
        compared.append(compare_datasets(one, other, plan, request, lengths=same_kind))
    return compared


def _keys(
    name: str, datasets: list[Dataset], request: CompareRequest, study: StudySpec | None
) -> tuple[tuple[str, ...], str]:
    """The keys of a dataset, and who says so.

    The first that there is: those given for it with --key, those that a file's metadata names (BASE before NEW), the
    study's, those given with --key for all datasets.
    """
    if name in request.keys:
        return request.keys[name], "--key"
    for dataset in datasets:
        if dataset.keys:
            return dataset.keys, "the metadata of the file"
    if study is not None:
        try:
            half = "adam" if name in study.adam else "sdtm"
            return tuple(dataset_spec(study, half, name).keys), f"the specs of {study.studyid}"  # type: ignore[arg-type]
        except HandoffError:
            pass
    if "" in request.keys:
        return request.keys[""], "--key"
    known = sorted({n for dataset in datasets for n in dataset.variables})
    raise UsageError(
        Problem(
            code=_NO_KEYS, place=name, fact="Its keys are not known: the file does not name them.",
            hint=did_you_mean("USUBJID", known), next_step=f"give --study, or --key {name}=VARIABLE,VARIABLE.",
        )
    )  # fmt: skip
