"""The rules of the ADaM datasets: pure functions, frame in, frame out, each module named by its subject.

A module's `RULES` names those that a spec can refer to with `rule:`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def collect_rules() -> dict[str, Callable[..., Any]]:
    """Every rule of every module of this package, by name. Raises ValueError where two rules have one name."""
    rules: dict[str, Callable[..., Any]] = {}
    for module in sorted(module.name for module in iter_modules(__path__)):
        for name, rule in getattr(import_module(f"{__name__}.{module}"), "RULES", {}).items():
            if rules.setdefault(name, rule) is not rule:
                raise ValueError(f"two rules have the name {name}, one of them in {__name__}.{module}")
    return rules
