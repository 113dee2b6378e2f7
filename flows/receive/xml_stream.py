"""Reads XML as a stream of elements, and refuses what XML can be abused for before it costs time or memory.

A document type is refused with its first word, so that no entity, inner or outer, is ever declared or resolved; what is
too deep, or too long between two brackets, is refused when it has become so. No part of the file is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from specs.errors import Problem

MAX_DEPTH = 64  # an ODM file is some 12 elements deep
MAX_MARKUP = 4 << 20  # bytes of one tag with its attributes
MAX_TEXT = 1 << 20  # characters of one text that is wanted
SEPARATOR = "}"  # between namespace and name of an element or attribute
_CHUNK = 1 << 18
_CODES = expat.errors.codes
_WORDS = {
    _CODES[expat.errors.XML_ERROR_BAD_CHAR_REF]: "A character reference names a control character",
    _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: "An entity is used, and ODM has none but those of XML itself",
    _CODES[expat.errors.XML_ERROR_UNBOUND_PREFIX]: "A prefix has no namespace (xmlns:...)",
    _CODES[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE]: "An attribute stands twice",
    _CODES[expat.errors.XML_ERROR_TAG_MISMATCH]: "An element is closed that is not the last one opened",
    _CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: "Something follows the end of the document",
    _CODES[expat.errors.XML_ERROR_SYNTAX]: "The file does not begin as XML does",
}
_ENCODING = (
    _CODES[expat.errors.XML_ERROR_UNKNOWN_ENCODING],
    _CODES[expat.errors.XML_ERROR_INCORRECT_ENCODING],
)


class UnfitXmlError(Exception):
    """The file cannot be read as XML, or not safely; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


class XmlStream:
    """One file while it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        self._text: list[str] | None = None
        self._length = 0

    @property
    def line(self) -> int:
        """The line that is being read."""
        return self._parser.CurrentLineNumber

    def gather_text(self) -> None:
        """From here on keep the text, until it is taken."""
        self._text, self._length = [], 0
        self._parser.CharacterDataHandler = self._keep

    def take_text(self) -> str:
        """The text since `gather_text`; blank where none was asked for."""
        text = "".join(self._text or ())
        self._text = None
        self._parser.CharacterDataHandler = None
        return text

    def read(self, start: Callable[[str, dict[str, str]], None], end: Callable[[str], None]) -> str:
        """Read the whole file, and return its SHA-256. Raises UnfitXmlError.

        `start` is told of each element and its attributes, `end` of each element closed; names are `namespace}name`, or
        `name` alone. `start` counts how deep it is, and asks `limit_depth`: a second call an element would cost a third
        of the time.
        """
        parser, digest = self._parser, hashlib.sha256()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        parser.EntityDeclHandler = self._refuse_document_type
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        fed, at_end = 0, False
        try:
            with self._path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    fed += len(chunk)
                    parser.Parse(chunk, False)
                    if fed - parser.CurrentByteIndex > MAX_MARKUP:
                        self._refuse(f"A tag, comment or reference is over {MAX_MARKUP >> 20} MiB long.")
            at_end = True
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise UnfitXmlError(self._as_problem(error, fed, at_end=at_end)) from error
        except (ValueError, LookupError) as error:  # an encoding that the parser is told, and does not know
            raise UnfitXmlError(self._wrong_encoding(str(error))) from error
        except OSError as error:
            raise UnfitXmlError(
                Problem(
                    code="INPUT-007", place=self._path.name, fact=f"The file cannot be read: {error.strerror}.",
                    next_step="ask for the right to read it.",
                )
            ) from error  # fmt: skip
        finally:
            parser.StartElementHandler = parser.EndElementHandler = None  # these hold on to the stream
        return digest.hexdigest()

    def limit_depth(self, depth: int) -> None:
        """Refuse an element that is too deep within others."""
        if depth > MAX_DEPTH:
            self._refuse(f"Elements are nested over {MAX_DEPTH} deep.")

    def _keep(self, text: str) -> None:
        assert self._text is not None
        self._length += len(text)
        if self._length > MAX_TEXT:
            self._refuse(f"A text is over {MAX_TEXT:,} characters long.")
        self._text.append(text)

    def _refuse_document_type(self, *_: object) -> NoReturn:
        raise UnfitXmlError(
            Problem(
                code="INPUT-060", place=f"{self._path.name}, line {self.line}",
                fact="The file declares a document type (<!DOCTYPE ...>), by which XML files do harm; it was not read.",
                hint="an ODM export has none: entities are neither needed nor resolved here.",
                next_step="have the file exported again by the EDC itself, and ask who changed this one.",
            )
        )  # fmt: skip

    def _refuse(self, fact: str) -> NoReturn:
        raise UnfitXmlError(
            Problem(
                code="INPUT-062", place=f"{self._path.name}, line {self.line}", fact=fact,
                hint="no ODM export needs this; the file is damaged, or made to do harm.",
                next_step="have the file exported again.",
            )
        )  # fmt: skip

    def _as_problem(self, error: expat.ExpatError, size: int, *, at_end: bool) -> Problem:
        place = f"{self._path.name}, line {error.lineno}, column {error.offset + 1}"
        if error.code in _ENCODING:
            return self._wrong_encoding(expat.ErrorString(error.code))
        if at_end:
            fact = "The file is cut off: it ends before its elements are closed." if size else "The file is empty."
            return Problem(
                code="INPUT-061" if size else "INPUT-011", place=place if size else self._path.name, fact=fact,
                next_step="have the file exported or transferred again; a complete one ends with </ODM>.",
            )  # fmt: skip
        fact, hint = _WORDS.get(error.code, ""), ""
        if not fact and error.code == _CODES[expat.errors.XML_ERROR_INVALID_TOKEN]:
            fact, hint = self._bad_byte()
        return Problem(
            code="INPUT-063", place=place, fact=f"{fact or 'This is no well-formed XML'}: the file cannot be read on.",
            hint=hint, next_step="have the file exported again; if it stays so, show this place to the EDC's support.",
        )  # fmt: skip

    def _bad_byte(self) -> tuple[str, str]:
        with self._path.open("rb") as file:
            file.seek(max(self._parser.ErrorByteIndex, 0))
            byte = (file.read(1) or b" ")[0]
        if byte < 0x20:
            return f"A control character (U+{byte:04X}) stands in the text, which XML cannot hold", (
                "it was typed or pasted into the EDC; have it taken out there."
            )
        if byte >= 0x80:
            return "The text is not in the encoding that the file says (UTF-8, where it says none)", (
                "Chinese text in GBK, or Latin-1, under the name of UTF-8 looks like this."
            )
        return "This is no well-formed XML", ""

    def _wrong_encoding(self, words: str) -> Problem:
        return Problem(
            code="INPUT-012", place=self._path.name, fact=f"The file's encoding cannot be read: {words}.",
            next_step="export the file again as UTF-8.",
        )  # fmt: skip


def first_element(path: Path) -> tuple[str, Mapping[str, str]]:
    """The name and the attributes of the document's element. Raises UnfitXmlError."""
    found: list[tuple[str, Mapping[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name, attributes))
        raise _EnoughError

    with suppress(_EnoughError):
        XmlStream(path).read(start, lambda _: None)
    return found[0]


class _EnoughError(Exception):
    """What was looked for is found."""
