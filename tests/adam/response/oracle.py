"""RECIST 1.1 as the protocol tells it, for one subject, in plain loops: a second opinion for the tests.

Written from the protocol's sentences alone, without a look at how the package does it. An assessment is a pair of its
day and a dict of lesion -> (words, day of the scan), the words being those of `histories`.
"""

from __future__ import annotations

from decimal import Decimal

BEST = ["CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE"]


def kind(lesion):
    return "NEW" if lesion.startswith("NEW") else "NT" if lesion.startswith("NT") else "T"


def diameter(word):
    """mm, or None where the lesion was not evaluated."""
    if word == "ND":
        return None
    if word == "TS":
        return Decimal(5)
    if word in ("MRG", "A"):
        return Decimal(0)
    return Decimal(word)


def fragments(seen, parent, so_far):
    """Fragments of a parent that had appeared by this assessment, when one of them has a record here."""
    here = [name for name in seen if name.startswith(parent + ".")]
    return sorted({name for past in so_far for name in past if name.startswith(parent + ".")}) if here else []


class Subject:
    def __init__(self, assessments, nodes):
        self.assessments = sorted(assessments, key=lambda a: max(when for _, when in a[1].values()))
        self.nodes = nodes
        self.baseline = None
        for index, (_, seen) in enumerate(self.assessments):
            if any(kind(n) != "NEW" and word != "ND" and when <= 0 for n, (word, when) in seen.items()):
                self.baseline = index
        self.targets, self.others = [], []
        if self.baseline is not None:
            names = {n for _, seen in self.assessments[: self.baseline + 1] for n in seen if "." not in n}
            self.targets = sorted(n for n in names if kind(n) == "T")
            self.others = sorted(n for n in names if kind(n) == "NT")

    def is_node(self, lesion):
        return lesion.partition(".")[0] in self.nodes

    def parts(self, index, lesion):
        """(name, mm or None, day of scan) of a target lesion, or of the fragments that replace it."""
        seen = self.assessments[index][1]
        so_far = [past for _, past in self.assessments[: index + 1]]
        names = fragments(seen, lesion, so_far) or [lesion]
        out = []
        for name in names:
            if name in seen:
                word, when = seen[name]
                out.append((name, diameter(word), when))
            else:
                earlier = [past[name][0] for past in so_far if name in past]
                merged = bool(earlier) and earlier[-1] == "MRG"
                out.append((name, Decimal(0) if merged else None, None))
        return out

    def total(self, index):
        """Sum of what was measured, whether that is all, the parts."""
        parts = [part for lesion in self.targets for part in self.parts(index, lesion)]
        known = [mm for _, mm, _ in parts if mm is not None]
        return sum(known, Decimal(0)), len(known) == len(parts), parts

    def new_lesions(self, index):
        """New lesions that this assessment shows: (name, certainty, day of scan)."""
        out = []
        for name, (words, when) in self.assessments[index][1].items():
            if kind(name) != "NEW":
                continue
            state, _, size = words.partition(":")
            if state == "EQ":
                out.append((name, "equivocal", when))
            elif state == "UNEQ":
                out.append((name, "unequivocal", when))
            elif state == "P":
                mm = Decimal(size) if size else None
                if mm is not None and self.is_node(name) and mm < 10:
                    continue
                small = mm is not None and self.is_node(name) and mm < 15
                out.append((name, "small node" if small else "unequivocal", when))
        return out

    def response(self, index):
        """(target, non-target, overall, days of the reasons for PD) at an assessment after baseline."""
        if self.baseline is None:
            return "NE", "NE", "NE", []
        after_cr = any(self.response(i)[2] == "CR" for i in range(self.baseline + 1, index))
        seen = self.assessments[index][1]
        reasons = []

        target = "NOT APPLICABLE"
        if self.targets:
            total, complete, parts = self.total(index)
            gone = complete and all(mm < 10 if self.is_node(name) else mm == 0 for name, mm, _ in parts)
            complete_sums = [t for t, whole, _ in map(self.total, range(self.baseline, index)) if whole]
            base, base_complete, _ = self.total(self.baseline)
            measured = [part for part in parts if part[1] is not None]
            back = [w for n, mm, w in measured if after_cr and not self.is_node(n) and mm > 0]
            grown = False
            if complete_sums and measured:
                nadir = min(complete_sums)
                grown = total - nadir >= 5 and (total - nadir) * 100 >= nadir * 20
            if gone:
                target = "CR"
            elif grown or back:
                target = "PD"
                reasons += back
                if grown:
                    reasons.append(max(when for _, _, when in measured if when is not None))
            elif not complete or not base_complete:
                target = "NE"
            elif (base - total) * 100 >= base * 30:
                target = "PR"
            else:
                target = "SD"

        other = "NOT APPLICABLE"
        if self.others:
            states = [seen.get(name, ("ND", None)) for name in self.others]
            worse = [when for word, when in states if word == "INC" or (after_cr and word == "P")]
            if worse:
                other = "PD"
                reasons += worse
            elif any(word == "ND" for word, _ in states):
                other = "NE"
            elif all(word == "A" for word, _ in states):
                other = "CR"
            else:
                other = "NON-CR/NON-PD"

        shown = self.new_lesions(index)
        for name, certainty, when in shown:
            first = not any(n == name for i in range(self.baseline + 1, index) for n, _, _ in self.new_lesions(i))
            proven_later = any(
                n == name and c == "unequivocal"
                for i in range(index + 1, len(self.assessments))
                for n, c, _ in self.new_lesions(i)
            )
            if certainty == "unequivocal" or (first and proven_later):
                reasons.append(when)
        if reasons:
            reasons += [when for _, certainty, when in shown if certainty == "small node"]
            overall = "PD"
        elif target == "NOT APPLICABLE":
            overall = other
        elif target == "CR":
            overall = "CR" if other in ("CR", "NOT APPLICABLE") else "PR"
        else:
            overall = target
        return target, other, overall, reasons

    def after_baseline(self):
        """(day, target, non-target, overall) of each assessment after baseline, in time."""
        out = []
        for index, (_, seen) in enumerate(self.assessments):
            latest = max(when for _, when in seen.values())
            if (self.baseline is not None and index > self.baseline) or (self.baseline is None and latest > 0):
                target, other, overall, reasons = self.response(index)
                out.append((min(reasons) if overall == "PD" else latest, target, other, overall))
        return out


def counted(responses, new_therapy):
    """The (day, response) pairs that count, in time."""
    first_pd = min((day for day, response in responses if response == "PD"), default=None)
    keep = [
        (day, response)
        for day, response in responses
        if (first_pd is None or day <= first_pd) and (new_therapy is None or day <= new_therapy)
    ]
    return sorted(keep, key=lambda pair: pair[0])


def is_confirmed(pairs, i):
    day, response = pairs[i]
    good = {"CR": ["CR"], "PR": ["PR", "CR"]}.get(response, [])
    for j in range(i + 1, len(pairs)):
        later, what = pairs[j]
        between = [r for _, r in pairs[i + 1 : j]]
        if (
            what in good
            and later - day >= 28
            and all(r in good or r == "NE" for r in between)
            and between.count("NE") <= 1
        ):
            return True
    return False


def best(pairs, confirmation):
    found = []
    for i, (day, response) in enumerate(pairs):
        if response in ("CR", "PR"):
            if not confirmation or is_confirmed(pairs, i):
                found.append(response)
            elif day >= 42:
                found.append("SD")
            elif response == "CR" and any(r == "PR" for _, r in pairs[i + 1 :]):
                found.append("PD")
            else:
                found.append("NE")
        elif response in ("SD", "NON-CR/NON-PD"):
            found.append(response if day >= 42 else "NE")
        else:
            found.append(response)
    return min(found, key=BEST.index, default="NE")
