"""
Reading escalation.yml: a support lead's file becomes Rules, or an error that names the line and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from warmline.core.errors import SettingsError
from warmline.core.escalation_words import PLACEHOLDERS
from warmline.core.fact_list import FactLine, FactList, FactsMistake, checked
from warmline.core.features import TOPICS
from warmline.core.rules import Intents, Rule, Rules, Say, Thresholds, Topic, When

TONES = ("calm", "annoyed", "distressed")
STRONG = 0.5
"""How strong a signal must be that a rule only names."""
TONGUES = ("de", "fr", "es", "pt", "it")
"""The languages beside English in which warmline.language listens for harm and topics."""
SENSITIVITIES = ("calm", "balanced", "eager")
_step = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+|\.\.\.)\]")
_topic_name = re.compile(r"[a-z][a-z0-9_]*")
_placeholder = re.compile(r"\{([^{}]*)\}")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as it is written."""

    sensitivity: str
    thresholds: dict[str, Thresholds]
    help_line: str
    rules: tuple[Rule, ...]
    after_hand_back: float = 0.1
    help_line_in: dict[str, str] = {}
    facts: tuple[FactLine, ...] | None = None
    forget_after_handoff: tuple[str, ...] = ()
    topics: dict[str, Any] = {}
    intents: Any = {}


S = TypeVar("S", bound=msgspec.Struct)


class Named(msgspec.Struct, frozen=True):
    """
    Something of the bot's that escalation.yml names: *kind* is ``intent``, ``slot`` or ``entity``, *by* says what names
    it, *line* counts from 1.
    """

    kind: str
    name: str
    by: str
    line: int


class _Mistake(Exception):
    def __init__(self, at: tuple[str | int, ...], text: str) -> None:
        super().__init__(text)
        self.at, self.text = at, text


def load_rules(path: Path, queues: Sequence[str] | None = None) -> Rules:
    """
    Read and check escalation.yml at *path*. *queues* are those that exist (the setting); None: any may be named.

    Raises:
        SettingsError: the file cannot be read, is not YAML, or says something that is not a rule; the text names the
            file, the line and what was expected.
    """
    return _read(path, queues)[0]


def named_in(path: Path, queues: Sequence[str] | None = None) -> tuple[Named, ...]:
    """
    The bot's intents, slots and entities that escalation.yml at *path* names, in the order of the file; *queues* as for
    :func:`load_rules`.

    Raises:
        SettingsError: as :func:`load_rules`.
    """
    rules, tree = _read(path, queues)
    found = [
        Named("intent", name, f"topic {topic}", _line(tree, ("topics", topic, "intents", at)))
        for topic, about in rules.topics.items()
        for at, name in enumerate(about.intents)
    ]
    for meaning in tree.get("intents") or ():
        names = getattr(rules.intents, str(meaning))
        found += [
            Named("intent", name, str(meaning), _line(tree, ("intents", meaning, at))) for at, name in enumerate(names)
        ]
    for index, rule in enumerate(rules.rules):
        at, by = ("rules", index, "when"), f"rule {rule.name}"
        found += [Named("intent", name, by, _line(tree, (*at, "intent"))) for name in rule.when.intent]
        found += [Named("slot", name, by, _line(tree, (*at, "slot"))) for name in rule.when.slot]
        found += [Named("entity", name, by, _line(tree, (*at, "entity"))) for name in rule.when.entity]
    return tuple(sorted(found, key=lambda one: one.line))


def _read(path: Path, queues: Sequence[str] | None) -> tuple[Rules, Any]:
    """The rules and the tree of the file, whose nodes know their lines."""
    from ruamel.yaml import YAML  # here, because it takes a tenth of a second and `warmline --help` needs none of it
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeError:
        raise SettingsError(f"{path} is not UTF-8 text. Save it as UTF-8.") from None
    except OSError as wrong:
        raise SettingsError(f"{path} cannot be read: {wrong.strerror}.") from None
    try:
        tree = YAML(typ="rt").load(source)
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise SettingsError(f"{path}{line}: this is not YAML: {wrong.problem or wrong.context}.") from None
    except YAMLError as wrong:
        raise SettingsError(f"{path}: this is not YAML: {wrong}.") from None
    if not isinstance(tree, dict):
        raise SettingsError(f"{path}, line 1: expected settings such as 'sensitivity: balanced' and a list of rules.")
    try:
        return _checked(_convert(_in_full(_plain(tree)), _File), queues), tree
    except _Mistake as mistake:
        raise SettingsError(f"{path}, line {_line(tree, mistake.at)}: {mistake.text}") from None


def _plain(node: Any) -> Any:
    """*node* without ruamel's wrappers."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if isinstance(node, bool):
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _in_full(plain: dict[str, Any]) -> dict[str, Any]:
    """*plain* with its short forms written out: ``topic: fraud``, ``slot: plan``, ``say: one sentence``."""
    for rule in _mappings(plain.get("rules")):
        if isinstance(rule.get("say"), str):
            rule["say"] = dict.fromkeys(TONES, rule["say"])
        if isinstance(rule.get("say_in"), dict):
            rule["say_in"] = {
                language: dict.fromkeys(TONES, said) if isinstance(said, str) else said
                for language, said in rule["say_in"].items()
            }
        for when in _mappings([rule.get("when")]):
            _listed(when, ("topic", "intent", "entity"))
            if isinstance(when.get("signal"), str):
                when["signal"] = {when["signal"]: STRONG}
            if isinstance(when.get("slot"), str):
                when["slot"] = {when["slot"]: []}
            for slots in _mappings([when.get("slot")]):
                slots.update({name: value if isinstance(value, list) else [value] for name, value in slots.items()})
    if isinstance(plain.get("topics"), dict):
        for topic in _mappings(list(plain["topics"].values())):
            _listed(topic, ("phrases", "intents"))
    for meanings in _mappings([plain.get("intents")]):
        _listed(meanings, tuple(meanings))
    return plain


def _mappings(some: Any) -> list[dict[str, Any]]:
    return [one for one in some if isinstance(one, dict)] if isinstance(some, list) else []


def _listed(mapping: dict[str, Any], names: Sequence[str]) -> None:
    """Make a list of each single word under *names*."""
    for name in names:
        if isinstance(mapping.get(name), str):
            mapping[name] = [mapping[name]]


def _convert(plain: Any, kind: type[S], above: tuple[str | int, ...] = ()) -> S:
    """*plain*, which stands at *above*, as a *kind*."""
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as wrong:
        text, _, where = str(wrong).partition(" - at `")
        at = (*above, *_path(where.rstrip("`"), plain))
        unknown = re.match(r"Object contains unknown field `(.+)`", text)
        if unknown:
            known = ", ".join(_fields_at(at))
            raise _Mistake(
                (*at, unknown.group(1)), f"'{unknown.group(1)}' is not known here. Known: {known}."
            ) from None
        missing = re.match(r"Object missing required field `(.+)`", text)
        if missing:
            raise _Mistake(at, f"'{missing.group(1)}' is missing here.") from None
        named = f"'{at[-1]}': " if at and isinstance(at[-1], str) else ""
        raise _Mistake(at, f"{named}{text[0].lower()}{text[1:]}.") from None


def _path(where: str, plain: Any) -> tuple[str | int, ...]:
    """msgspec's ``$.rules[2].when.mood`` as keys; ``[...]`` (any key of a mapping) ends it."""
    steps: list[str | int] = []
    for name, index in _step.findall(where):
        if index == "...":
            break
        steps.append(name or int(index))
    return tuple(steps)


def _fields_at(at: tuple[str | int, ...]) -> tuple[str, ...]:
    if at[:1] in (("topics",), ("intents",)):
        return tuple(field.name for field in msgspec.structs.fields(Topic if at[0] == "topics" else Intents))
    last = next((step for step in reversed(at) if isinstance(step, str)), "")
    kinds: dict[str, type[msgspec.Struct]] = {
        "": _File,
        "rules": Rule,
        "when": When,
        "say": Say,
        "thresholds": Thresholds,
        "facts": FactLine,
    }
    return tuple(field.name for field in msgspec.structs.fields(kinds.get(last, _File)))


def _line(tree: Any, at: tuple[str | int, ...]) -> int:
    """The line, from 1, of the deepest part of *at* that is in *tree*."""
    line = 0
    try:
        for step in at:
            line = tree.lc.item(step)[0] if isinstance(step, int) else tree.lc.key(step)[0]
            tree = tree[step]
    except (AttributeError, KeyError, IndexError, TypeError):
        pass
    return int(line) + 1


def _checked(file: _File, queues: Sequence[str] | None) -> Rules:
    if file.sensitivity not in SENSITIVITIES:
        raise _Mistake(("sensitivity",), f"expected one of {', '.join(SENSITIVITIES)}, found '{file.sensitivity}'.")
    for name, limits in file.thresholds.items():
        at = ("thresholds", name)
        if name not in SENSITIVITIES:
            raise _Mistake(at, f"expected one of {', '.join(SENSITIVITIES)}, found '{name}'.")
        if not 0.0 < limits.upset <= limits.angry <= limits.furious < 1.0:
            raise _Mistake(at, "expected moods from 0 to 1, with upset not above angry, nor angry above furious.")
        if limits.failures < 1 or limits.repeats < 2:
            raise _Mistake(at, "expected failures of at least 1 and repeats of at least 2.")
    if file.sensitivity not in file.thresholds:
        raise _Mistake(("thresholds",), f"the sensitivity '{file.sensitivity}' has no thresholds here.")
    if not 0.0 <= file.after_hand_back <= 0.5:
        raise _Mistake(("after_hand_back",), "expected a number from 0 to 0.5.")
    if not file.help_line.strip():
        raise _Mistake(("help_line",), "expected a sentence with a number that somebody in danger can call.")
    for language, line in file.help_line_in.items():
        _check_tongue(language, ("help_line_in", language))
        if not line.strip():
            raise _Mistake(
                ("help_line_in", language), "expected a sentence with a number that somebody in danger can call."
            )
    intents = _convert(file.intents or {}, Intents, ("intents",))
    topics = _topics(file.topics, intents)
    seen: set[str] = set()
    for index, rule in enumerate(file.rules):
        _check_rule(rule, index, tuple(name for name in topics if name not in (*TOPICS, "crisis")), queues)
        if rule.name in seen:
            raise _Mistake(("rules", index, "name"), f"there are two rules named '{rule.name}'.")
        seen.add(rule.name)
    for condition in ("crisis", "asked", "engine_down", "taken_over"):
        if not any(_only(rule, condition) for rule in file.rules):
            raise _Mistake(("rules",), f"expected a rule with only the condition '{condition}: true'.")
    if not file.rules[0].when.crisis:
        raise _Mistake(("rules", 0), "expected the crisis rule to be the first: nothing may come before it.")
    return Rules(
        sensitivity=file.sensitivity,
        thresholds=file.thresholds[file.sensitivity],
        help_line=file.help_line.strip(),
        after_hand_back=file.after_hand_back,
        rules=file.rules,
        help_line_in={language: line.strip() for language, line in file.help_line_in.items()},
        facts=_facts(file),
        topics=topics,
        intents=intents,
    )


def _topics(written: dict[str, Any], intents: Intents) -> dict[str, Topic]:
    topics: dict[str, Topic] = {}
    meant = dict.fromkeys(intents.asking, "asked")
    for name, entry in written.items():
        at = ("topics", name)
        if name == "asked":
            raise _Mistake(at, "what asks for a person stands under 'intents', as ask_person.")
        if _topic_name.fullmatch(name) is None:
            raise _Mistake(at, f"expected a name of lower-case letters, digits and _, found '{name}'.")
        topic = topics[name] = _convert(entry, Topic, at)
        if not topic.phrases and not topic.intents:
            raise _Mistake(at, f"expected 'phrases' or 'intents' that mean '{name}'.")
        for index, intent in enumerate(topic.intents):
            if meant.setdefault(intent, name) != name:
                raise _Mistake((*at, "intents", index), f"the intent '{intent}' means '{meant[intent]}' already.")
        for index, phrase in enumerate(topic.phrases):
            _check_phrase(phrase, (*at, "phrases", index))
    return topics


def _check_phrase(phrase: str, at: tuple[str | int, ...]) -> None:
    from warmline.language.phrases import as_read  # here: it loads spaCy, and most files have no phrases

    try:
        as_read(phrase)
    except ValueError as wrong:
        raise _Mistake(at, f"the phrase '{phrase}' cannot be matched: {wrong}.") from None


def _facts(file: _File) -> FactList:
    for index, name in enumerate(file.forget_after_handoff):
        if not name.strip():
            raise _Mistake(("forget_after_handoff", index), "expected the name of a slot.")
    try:
        return FactList(None if file.facts is None else checked(file.facts), file.forget_after_handoff)
    except FactsMistake as wrong:
        raise _Mistake(("facts", wrong.index, wrong.key), f"'{wrong.key}': {wrong.text}") from None


def _given(rule: Rule) -> set[str]:
    empty = type(rule.when)()
    return {
        field.name
        for field in msgspec.structs.fields(rule.when)
        if getattr(rule.when, field.name) != getattr(empty, field.name)
    }


def _only(rule: Rule, condition: str) -> bool:
    return _given(rule) == {condition}


def _check_rule(rule: Rule, index: int, own_topics: Sequence[str], queues: Sequence[str] | None) -> None:
    when, at = rule.when, ("rules", index, "when")
    if not rule.name.strip():
        raise _Mistake(("rules", index, "name"), "expected a name.")
    if not rule.queue.strip():
        raise _Mistake(("rules", index, "queue"), "expected the name of a queue.")
    if queues is not None and rule.queue not in queues:
        raise _Mistake(
            ("rules", index, "queue"),
            f"there is no queue '{rule.queue}'. There are: {', '.join(queues)} (the setting queues).",
        )
    if rule.urgency_min < 1:
        raise _Mistake(("rules", index, "urgency_min"), "expected minutes, at least 1.")
    if not _given(rule) - {"turns", "sudden", "confidence"}:
        raise _Mistake(at, f"expected a condition; '{rule.name}' would always hold.")
    for topic in when.topic:
        if topic not in (*TOPICS, *own_topics):
            known = ", ".join((*TOPICS, *own_topics))
            raise _Mistake(
                (*at, "topic"), f"expected one of {known}, or one of 'topics' in this file, found '{topic}'."
            )
    _check_of_the_bot(when, at)
    if not 1 <= when.turns <= 6:
        raise _Mistake((*at, "turns"), "expected 1 to 6 turns.")
    if when.turns > 1 and when.mood is None:
        raise _Mistake((*at, "turns"), "'turns' needs a 'mood' beside it.")
    if not when.sudden and when.mood is None:
        raise _Mistake((*at, "sudden"), "'sudden' needs a 'mood' beside it.")
    for name in ("failures", "repeats", "silent_s"):
        count = getattr(when, name)
        if isinstance(count, int) and count < 1:
            raise _Mistake((*at, name), f"'{name}': expected at least 1.")
    _check_said(rule.say, when.crisis, ("rules", index, "say"))
    for language, said in rule.say_in.items():
        _check_tongue(language, ("rules", index, "say_in", language))
        _check_said(said, when.crisis, ("rules", index, "say_in", language))
    if rule.say_again:
        _check_words(rule.say_again, when.crisis, ("rules", index, "say_again"))
    for language, words in rule.say_again_in.items():
        _check_tongue(language, ("rules", index, "say_again_in", language))
        _check_words(words, when.crisis, ("rules", index, "say_again_in", language))


def _check_of_the_bot(when: When, at: tuple[str | int, ...]) -> None:
    """The conditions about the bot's own intents, slots and entities."""
    for kind in ("intent", "slot", "entity", "signal"):
        if any(not name.strip() for name in getattr(when, kind)):
            raise _Mistake((*at, kind), f"'{kind}': expected a name.")
    if when.confidence != When().confidence and not when.intent:
        raise _Mistake((*at, "confidence"), "'confidence' needs an 'intent' beside it.")
    if not 0.0 < when.confidence <= 1.0:
        raise _Mistake((*at, "confidence"), "'confidence': expected a number above 0, to 1.")
    wordless = next((one for one in ("silent_s", "engine_down", "taken_over") if getattr(when, one)), "")
    if any(not 0.0 < least <= 1.0 for least in when.signal.values()):
        raise _Mistake((*at, "signal"), "'signal': expected how strong it must be, above 0, to 1.")
    spoken = next((one for one in ("intent", "entity", "signal") if getattr(when, one)), "")
    if wordless and spoken:
        raise _Mistake((*at, spoken), f"'{spoken}' cannot stand beside '{wordless}': the customer says nothing then.")
    if when.taken_over and when.slot:
        raise _Mistake((*at, "slot"), "'slot' cannot stand beside 'taken_over'.")


def _check_tongue(language: str, at: tuple[str | int, ...]) -> None:
    if language not in TONGUES:
        raise _Mistake(at, f"expected a language that is listened to ({', '.join(TONGUES)}), found '{language}'.")


def _check_said(said: Say, crisis: bool, at: tuple[str | int, ...]) -> None:
    for tone in TONES:
        _check_words(getattr(said, tone), crisis, at)


def _check_words(words: str, crisis: bool, at: tuple[str | int, ...]) -> None:
    if not words.strip():
        raise _Mistake(at, "expected what the customer is told.")
    for name in _placeholder.findall(words):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in sorted(PLACEHOLDERS))
            raise _Mistake(at, f"'{{{name}}}' is not known here. Known: {known}.")
    if crisis and "{help_line}" not in words:
        raise _Mistake(at, "expected {help_line} in what a customer in a crisis is told.")
