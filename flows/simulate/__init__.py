"""Simulates the whole raw export of a study, with an answer key of the faults in it."""

from flows.simulate.export import SimulatedExport, simulate_study

__all__ = ["SimulatedExport", "simulate_study"]
