"""A small invented dictionary of adverse events: NOT MedDRA, whose texts and codes are licensed.

Codes are made up and start with 9. One preferred term has one code and one system organ class.
"""

from __future__ import annotations

from dataclasses import dataclass

_CLASSES = {
    "BLOOD": ("Blood disorders (invented)", 95000001),
    "HEART": ("Heart disorders (invented)", 95000002),
    "ENDOCRINE": ("Endocrine disorders (invented)", 95000003),
    "GUT": ("Gut disorders (invented)", 95000004),
    "GENERAL": ("General disorders (invented)", 95000005),
    "LIVER": ("Liver disorders (invented)", 95000006),
    "TESTS": ("Investigations (invented)", 95000007),
    "DIET": ("Metabolism disorders (invented)", 95000008),
    "KIDNEY": ("Kidney disorders (invented)", 95000009),
    "LUNG": ("Chest disorders (invented)", 95000010),
    "SKIN": ("Skin disorders (invented)", 95000011),
    "VESSELS": ("Vessel disorders (invented)", 95000012),
    "INFECTION": ("Infections (invented)", 95000013),
}


@dataclass(frozen=True)
class Event:
    """One preferred term, how sites put it, and how often it comes (any grade, grade 3 or more; share of subjects)."""

    term: str
    code: int
    soc: str
    soc_code: int
    verbatims: tuple[str, ...]
    rate: float
    severe: float
    cause: str  # what it is usually put down to: BOTH, QL, LEN or DISEASE
    days: int = 24  # median duration


_ROWS: list[tuple[str, str, tuple[str, ...], float, float, str, int]] = [
    ("Hypertension", "VESSELS", ("Hypertension", "high blood pressure", "BP elevated"), 0.40, 0.15, "LEN", 60),
    ("Proteinuria", "KIDNEY", ("Proteinuria", "protein in urine"), 0.30, 0.04, "LEN", 40),
    ("Hypothyroidism", "ENDOCRINE", ("Hypothyroidism", "TSH high, hypothyroidism"), 0.30, 0.005, "BOTH", 120),
    ("Hyperthyroidism", "ENDOCRINE", ("Hyperthyroidism",), 0.06, 0.0, "QL", 40),
    ("Rash", "SKIN", ("Rash", "skin rash", "maculopapular rash"), 0.22, 0.02, "QL", 20),
    ("Pruritus", "SKIN", ("Pruritus", "itching"), 0.14, 0.0, "QL", 20),
    ("Alanine aminotransferase increased", "TESTS", ("ALT increased", "elevated ALT"), 0.20, 0.03, "BOTH", 21),
    ("Aspartate aminotransferase increased", "TESTS", ("AST increased", "elevated AST"), 0.18, 0.02, "BOTH", 21),
    ("Fatigue", "GENERAL", ("Fatigue", "tiredness", "asthenia/fatigue"), 0.25, 0.03, "BOTH", 40),
    ("Pyrexia", "GENERAL", ("Fever", "Pyrexia"), 0.10, 0.005, "QL", 4),
    ("Decreased appetite", "DIET", ("Decreased appetite", "poor appetite", "anorexia"), 0.25, 0.03, "BOTH", 35),
    ("Weight decreased", "TESTS", ("Weight loss", "Weight decreased"), 0.20, 0.02, "LEN", 80),
    ("Platelet count decreased", "TESTS", ("Platelet count decreased", "low platelets"), 0.18, 0.04, "BOTH", 12),
    ("Neutrophil count decreased", "TESTS", ("Neutrophil count decreased", "neutropenia"), 0.08, 0.02, "BOTH", 10),
    ("Febrile neutropenia", "BLOOD", ("Febrile neutropenia", "neutropenic fever"), 0.006, 0.006, "BOTH", 6),
    ("Anaemia", "BLOOD", ("Anaemia", "anemia", "low haemoglobin"), 0.30, 0.05, "DISEASE", 40),
    ("Palmar-plantar erythrodysaesthesia syndrome", "SKIN", ("Hand-foot syndrome",), 0.12, 0.01, "LEN", 30),
    ("Diarrhoea", "GUT", ("Diarrhoea", "diarrhea", "loose stools"), 0.18, 0.02, "BOTH", 8),
    ("Nausea", "GUT", ("Nausea",), 0.15, 0.005, "BOTH", 8),
    ("Dysphagia", "GUT", ("Dysphagia", "difficulty swallowing"), 0.12, 0.03, "DISEASE", 60),
    ("Epistaxis", "LUNG", ("Epistaxis", "nose bleed"), 0.04, 0.0, "LEN", 3),
    ("Gingival bleeding", "GUT", ("Gum bleeding",), 0.02, 0.0, "LEN", 3),
    ("Haemoptysis", "LUNG", ("Haemoptysis", "coughing up blood"), 0.02, 0.005, "LEN", 5),
    ("Haematuria", "KIDNEY", ("Haematuria",), 0.015, 0.0, "LEN", 5),
    ("Petechiae", "SKIN", ("Petechiae",), 0.01, 0.0, "LEN", 6),
    ("Gastrointestinal haemorrhage", "GUT", ("GI bleeding",), 0.01, 0.008, "LEN", 5),
    ("Upper gastrointestinal haemorrhage", "GUT", ("Upper GI bleeding",), 0.01, 0.008, "LEN", 5),
    ("Oesophageal haemorrhage", "GUT", ("Oesophageal bleeding",), 0.008, 0.006, "LEN", 5),
    ("Oesophageal fistula", "GUT", ("Oesophageal fistula", "tracheo-oesophageal fistula"), 0.01, 0.01, "LEN", 60),
    ("Pneumonitis", "LUNG", ("Pneumonitis", "immune pneumonitis"), 0.04, 0.02, "QL", 35),
    ("Pneumonia", "INFECTION", ("Pneumonia", "lung infection"), 0.07, 0.04, "DISEASE", 14),
    ("Autoimmune hepatitis", "LIVER", ("Immune hepatitis", "immune-mediated hepatitis"), 0.015, 0.01, "QL", 40),
    ("Immune-mediated enterocolitis", "GUT", ("Immune colitis",), 0.015, 0.01, "QL", 30),
    ("Immune-mediated myocarditis", "HEART", ("Myocarditis, immune",), 0.008, 0.006, "QL", 40),
]  # fmt: skip

EVENTS = [
    Event(term, 90000001 + n, *_CLASSES[soc], verbatims, rate, severe, cause, days)
    for n, (term, soc, verbatims, rate, severe, cause, days) in enumerate(_ROWS)
]
BY_TERM = {event.term: event for event in EVENTS}

# preferred terms that come with low counts: analyte, and the values (10^9/L, g/L) of grades 1 to 4
LOW_COUNTS: dict[str, tuple[str, tuple[float, float, float, float]]] = {
    "Neutrophil count decreased": ("ANC", (1.7, 1.25, 0.72, 0.38)),
    "Febrile neutropenia": ("ANC", (0.9, 0.9, 0.8, 0.4)),
    "Platelet count decreased": ("PLT", (88.0, 62.0, 37.0, 19.0)),
    "Anaemia": ("HGB", (104.0, 91.0, 73.0, 62.0)),
    "Alanine aminotransferase increased": ("ALT", (90.0, 160.0, 320.0, 900.0)),
    "Aspartate aminotransferase increased": ("AST", (80.0, 150.0, 300.0, 850.0)),
    "Autoimmune hepatitis": ("ALT", (100.0, 170.0, 380.0, 950.0)),
}
MARROW = ("Neutrophil count decreased", "Febrile neutropenia", "Platelet count decreased")
BLEEDING = (
    "Epistaxis", "Gingival bleeding", "Haemoptysis", "Haematuria", "Petechiae", "Gastrointestinal haemorrhage",
    "Upper gastrointestinal haemorrhage", "Oesophageal haemorrhage",
)  # fmt: skip
FATAL = ("Oesophageal fistula", "Upper gastrointestinal haemorrhage", "Pneumonia", "Immune-mediated myocarditis")

# medical history: term, class, share of subjects
HISTORY = [
    ("Hypertension", "VESSELS", 0.35), ("Diabetes mellitus", "DIET", 0.15), ("Chronic gastritis", "GUT", 0.20),
    ("Hepatitis B carrier", "LIVER", 0.08), ("Pulmonary emphysema", "LUNG", 0.10), ("Dysphagia", "GUT", 0.45),
]  # fmt: skip
HISTORY_CODES = {
    term: (90000500 + n, *_CLASSES[soc]) for n, (term, soc, _) in enumerate(HISTORY) if term not in BY_TERM
} | {event.term: (event.code, event.soc, event.soc_code) for event in EVENTS}
