"""Results on treatment, the worst of them, and the one that stands for its visit."""

from __future__ import annotations

from tests.adam.bds.cases import adlb, advs, expected, said

# first dose on 10 March at 09:30, last dose on 31 March: on treatment up to 30 April
WINDOW = """
 id | date             | value | ONTRTFL | # why it is here
 A  | 2025-03-09       | 1     | -       |
 A  | 2025-03-10       | 1     | -       | # counts as before the dose
 A  | 2025-03-10T09:29 | 1     | -       |
 A  | 2025-03-10T09:30 | 1     | Y       |
 A  | 2025-03-11       | 1     | Y       |
 A  | 2025-04-30T23:59 | 1     | Y       | # 30 days after last dose
 A  | 2025-05-01       | 1     | -       |
 A  | 2025-04          | 1     | Y       | # every day that it can be
 A  | 2025-03          | 1     | -       | # may be before first dose
 A  | 2025             | 1     | -       |
 A  |                  | 1     | -       |
"""
OPEN = """
 id | date       | value | ONTRTFL | # no last dose yet
 A  | 2025-03-11 | 1     | Y       |
 A  | 2026-03-11 | 1     | Y       |
"""
NEW_THERAPY = """
 id | date       | value | ONTRTFL | # new anticancer therapy on 10 April
 A  | 2025-04-10 | 1     | Y       | # the day itself
 A  | 2025-04-11 | 1     | -       |
 A  | 2025-04    | 1     | -       | # may be later
"""


def test_window(study):
    made = advs(WINDOW, study, dose="2025-03-10T09:30", last="2025-03-31")
    assert said(made, "ONTRTFL") == expected(WINDOW, "ONTRTFL")


def test_open_window(study):
    assert said(advs(OPEN, study), "ONTRTFL") == expected(OPEN, "ONTRTFL")


def test_window_ends_with_new_therapy(study):
    made = advs(NEW_THERAPY, study, last="2025-03-31", therapy="2025-04-10")
    assert said(made, "ONTRTFL") == expected(NEW_THERAPY, "ONTRTFL")


def test_the_days_after_last_dose_are_the_studys(study):
    safety = study.study.parameters.safety.model_copy(update={"on_treatment_days": 1})
    parameters = study.study.parameters.model_copy(update={"safety": safety})
    other = study.model_copy(update={"study": study.study.model_copy(update={"parameters": parameters})})
    text = "id | date | value\nA | 2025-04-01 | 1\nA | 2025-04-02 | 1"
    assert said(advs(text, other, last="2025-03-31"), "ONTRTFL") == ["Y", "-"]


WORST = """
 id | test | date             | value | text | low | high | ANL02FL | ANL03FL | # why it is here
 A  | HGB  | 2025-03-01       | 70    | 70   | 115 | 150  | -       | -       | # worse, but before first dose
 A  | HGB  | 2025-03-09       | 120   | 120  | 115 | 150  | -       | -       |
 A  | HGB  | 2025-03-20       | 90    | 90   | 115 | 150  | -       | -       |
 A  | HGB  | 2025-03-21       | 85    | 85   | 115 | 150  | Y       | -       | # grade 2, as 90 is, and lower
 A  | HGB  | 2025-03-22       | 85    | 85   | 115 | 150  | -       | -       | # later
 A  | HGB  | 2025-03-23       | 155   | 155  | 115 | 150  | -       | Y       | # the worst in the other direction
 A  | HGB  | 2025-06-01       | 60    | 60   | 115 | 150  | -       | -       | # no longer on treatment
 B  | NEUT | 2025-03-20       | 5     | 5    | 1.8 | 6.3  | -       | -       |
 B  | NEUT | 2025-03-21T09:00 | 3     | 3    | 1.8 | 6.3  | -       | -       |
 B  | NEUT | 2025-03-21T08:00 | 3     | 3    | 1.8 | 6.3  | Y       | -       | # all grade 0: the lowest, the first
 B  | PLAT | 2025-03-20       | 40    | 40   |     |      | Y       | -       | # each parameter has its own
 B  | PLAT | 2025-03-21       | 90    | 90   |     |      | -       | -       | # no grade without a range
 C  | NEUT | 2025-03-20       | 0.2   | 0.2  | 1.8 | 6.3  | -       | -       |
 C  | NEUT | 2025-03-21       |       | <0.1 | 1.8 | 6.3  | Y       | -       | # known by a bound, and worse
 D  | NEUT | 2025-03-20       | 5     | 5    |     |      | -       | -       | # nothing graded: nothing is the worst
 E  | ALT  | 2025-03-09       | 20    | 20   | 7   | 40   | -       | -       |
 E  | ALT  | 2025-03-20       | 50    | 50   | 7   | 40   | -       | -       |
 E  | ALT  | 2025-03-21       | 60    | 60   | 7   | 40   | -       | Y       | # of one grade the highest
 E  | ALT  | 2025-03-22       | 60    | 60   | 7   | 40   | -       | -       |
 F  | ALT  | 2025-03-09       | 20    | 20   | 7   | 100  | -       | -       |
 F  | ALT  | 2025-03-20       | 90    | 90   | 7   | 100  | -       | -       | # higher, but grade 0 by its own range
 F  | ALT  | 2025-03-21       | 50    | 50   | 7   | 40   | -       | Y       |
"""


def test_worst_in_each_direction(study):
    made = adlb(WORST, study, last="2025-03-31")
    assert said(made, "ANL02FL", "ANL03FL") == expected(WORST, "ANL02FL", "ANL03FL")


VISITS = """
 id | date             | value | text | visit | number | ANL01FL | # why it is here
 A  | 2025-03-01       | 1     | 1    | SCRN  | 1      | -       |
 A  | 2025-03-02       | 1     | 1    | SCRN  | 1      | Y       | # the last of the visit
 A  | 2025-03-10T08:00 | 1     | 1    | C1D1  | 10     | Y       | # the baseline, though not the last
 A  | 2025-03-10T15:00 | 1     | 1    | C1D1  | 10     | -       |
 A  | 2025-03-20       | 1     | 1    | C2D1  | 40     | Y       |
 A  | 2025-03-21       |       | <1   | C2D1  | 40     | -       | # later, but no number
 A  | 2025-04-20T08:00 | 1     | 1    | C3D1  | 70     | -       |
 A  | 2025-04-20T08:01 | 1     | 1    | C3D1  | 70     | Y       |
 A  | 2025-05-20       | 1     | 1    | C4D1  | 100    | -       | # of one time, the later record
 A  | 2025-05-20       | 1     | 1    | C4D1  | 100    | Y       |
 A  | 2025-05-21       | 1     | 1    |       |        | -       | # of no visit
"""


def test_one_record_stands_for_a_visit(study):
    made = adlb(VISITS, study, dose="2025-03-10T09:30")
    assert said(made, "ANL01FL") == expected(VISITS, "ANL01FL")
