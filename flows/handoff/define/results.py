"""Analysis Results Metadata 1.0: the analyses that the specs declare, of the datasets that there are."""

from __future__ import annotations

from flows.handoff.define.elements import Attributes, Element, described, node
from flows.handoff.define.published import Definitions, Published
from flows.handoff.oids import group_oid, item_oid
from specs.analyses import AnalysisDataset, AnalysisResult


def result_displays(published: Published, known: Definitions) -> Element | None:
    """The displays with a result whose datasets all have records; their where clauses join the definitions."""
    if published.half == "sdtm" or published.study.analyses is None:
        return None
    displays = []
    for name, display in published.study.analyses.displays.items():
        results = [
            _result(published, f"{name}.{code}", result, known)
            for code, result in display.results.items()
            if set(result.datasets) <= set(published.specs)
        ]
        if results:
            attributes: Attributes = {"OID": f"RD.{name}", "Name": display.name}
            displays.append(node("arm:ResultDisplay", attributes, described(display.title), *results))
    return node("arm:AnalysisResultDisplays", None, *displays) if displays else None


def _result(published: Published, name: str, result: AnalysisResult, known: Definitions) -> Element:
    by_parameter = [d for d, analysed in result.datasets.items() if "PARAMCD" in analysed.where]
    attributes: Attributes = {
        "OID": f"AR.{name}",
        "ParameterOID": item_oid(by_parameter[0], "PARAMCD") if by_parameter else None,
        "AnalysisReason": result.reason,
        "AnalysisPurpose": result.purpose,
    }
    joined = known.comment(f"AR.{name}", result.joined) if result.joined else None
    datasets = [_dataset(dataset, analysed, name, known) for dataset, analysed in result.datasets.items()]
    return node(
        "arm:AnalysisResult", attributes, described(result.title),
        node("arm:AnalysisDatasets", {"def:CommentOID": joined}, *datasets),
        node("arm:Documentation", None, described(published.sentence(result.says))),
    )  # fmt: skip


def _dataset(dataset: str, analysed: AnalysisDataset, name: str, known: Definitions) -> Element:
    checks = {item_oid(dataset, variable): values for variable, values in analysed.where.items()}
    where = known.where(f"AR.{name}.{dataset}", checks) if checks else None
    return node(
        "arm:AnalysisDataset", {"ItemGroupOID": group_oid(dataset)},
        node("def:WhereClauseRef", {"WhereClauseOID": where}) if where else None,
        *(node("arm:AnalysisVariable", {"ItemOID": item_oid(dataset, variable)}) for variable in analysed.variables),
    )  # fmt: skip
