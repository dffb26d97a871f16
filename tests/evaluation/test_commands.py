"""score, eval, replay and tune on small files, as a developer would run them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from warmline.core.escalation import assess
from warmline.core.features import Turn
from warmline.evaluation.commands import COMMANDS
from warmline.evaluation.tuning import held_out
from warmline.language import with_features
from warmline.rules_file import load_rules

RULES = Path(__file__).resolve().parents[2] / "escalation.yml"
BALANCED = re.compile(r"balanced: \{upset: [\d.]+, angry: [\d.]+")
BY_NAME = {command.name: command for command in COMMANDS}

ANGRY = "This is ridiculous, you are useless and I have been waiting for three weeks!!!"
TALK = [
    {"dialogue": 7, "role": "customer", "text": "where is my parcel", "mean": 1},
    {"dialogue": "b", "role": "customer", "text": "thanks, all good", "mean": 0},
    {"dialogue": 7, "role": "bot", "text": "Sorry, I didn't understand that."},
    {"dialogue": 7, "role": "customer", "text": ANGRY, "mean": 4},
    {"dialogue": "c", "role": "customer", "text": "when do you open?", "mean": 0},
]


def written(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def run(name: str, *words: str, answer: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(BY_NAME[name], list(words), input=answer)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_score_adds_what_the_rules_decide(tmp_path: Path) -> None:
    """Customer turns get four fields and keep their own; other lines pass unchanged, in order."""
    out = tmp_path / "out.jsonl"
    code, _ = run("score", written(tmp_path / "in.jsonl", TALK), "--rules", str(RULES), "--out", str(out))
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert code == 0
    assert [row["text"] for row in rows] == [row["text"] for row in TALK]
    assert rows[2] == TALK[2]
    assert {"frustration", "reasons", "escalate", "rule", "mean"} <= set(rows[0])
    assert [row.get("escalate") for row in rows] == [False, False, None, True, False]
    assert rows[3]["frustration"] > 0.7 > 0.4 > rows[1]["frustration"]


def test_score_decides_as_the_bridge_and_the_action_do(tmp_path: Path) -> None:
    """The same conversation gives the same decision from the same function, whoever asks."""
    _, output = run("score", written(tmp_path / "in.jsonl", TALK), "--rules", str(RULES))
    last = [json.loads(line) for line in output.splitlines()][3]
    turns = (
        Turn("customer", "where is my parcel", seq=1),
        Turn("bot", "Sorry, I didn't understand that.", seq=2, outcome="unsure"),
        Turn("customer", ANGRY, seq=3),
    )
    direct = assess(with_features(turns), load_rules(RULES))
    assert last["rule"] == direct.decision.rule
    assert last["frustration"] == pytest.approx(direct.mood.value, abs=0.01)


def test_score_reads_the_past_only(tmp_path: Path) -> None:
    """What comes later in a dialogue, or in another one, changes nothing."""
    _, whole = run("score", written(tmp_path / "a.jsonl", TALK), "--rules", str(RULES))
    _, start = run("score", written(tmp_path / "b.jsonl", TALK[:1]), "--rules", str(RULES))
    assert json.loads(whole.splitlines()[0])["frustration"] == pytest.approx(
        json.loads(start.splitlines()[0])["frustration"], abs=0.01
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "line 1: this is not JSON"),
        ('{"role": "customer", "text": "x"}', "expected an object such as"),
        ('{"dialogue": 1, "role": "king", "text": "x"}', "expected customer, bot or agent"),
        ('\n{"dialogue": 1, "role": "bot", "text": 5}', "line 2"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: str, expected: str) -> None:
    """One sentence with file and line, exit code 1."""
    file = tmp_path / "in.jsonl"
    file.write_text(content, encoding="utf-8")
    code, output = run("score", str(file), "--rules", str(RULES))
    assert code == 1
    assert expected in output


def test_eval_mood_measures_and_draws(tmp_path: Path) -> None:
    """Figures as JSON, and a picture that is well-formed."""
    picture = tmp_path / "roc.svg"
    file = written(tmp_path / "in.jsonl", TALK)
    code, output = run("eval", "mood", file, "--rules", str(RULES), "--json", "--picture", str(picture))
    assert code == 0
    found = json.loads(output)
    assert (found["turns"], found["AUROC"]["value"]) == (4, 1.0)
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_eval_mood_takes_satisfaction_and_named_labels(tmp_path: Path) -> None:
    """Ratings where low is bad, and labels in words, give the same figure as the rating turned round."""
    rows = [{**row, "mean": 5 - int(str(row["mean"]))} if "mean" in row else row for row in TALK]
    named = [{**row, "felt": "bad" if row["mean"] == 4 else "fine"} if "mean" in row else row for row in TALK]
    _, first = run("eval", "mood", written(tmp_path / "a.jsonl", rows), "--rules", str(RULES), "--below", "2", "--json")
    equals = ("--equals", "felt", "bad")
    _, second = run("eval", "mood", written(tmp_path / "b.jsonl", named), "--rules", str(RULES), *equals, "--json")
    assert json.loads(first)["AUROC"]["value"] == json.loads(second)["AUROC"]["value"] == 1.0


def test_eval_mood_needs_both_kinds(tmp_path: Path) -> None:
    """A file of calm turns only has no ROC curve, and says so."""
    code, output = run("eval", "mood", written(tmp_path / "in.jsonl", TALK[:2]), "--rules", str(RULES))
    assert code == 1
    assert "both kinds" in output


def test_eval_handover_compares_the_ways(tmp_path: Path) -> None:
    """Always a person catches all and alarms always; always the bot neither; ours catches the angry one only."""
    _, output = run("eval", "handover", written(tmp_path / "in.jsonl", TALK), "--rules", str(RULES), "--json")
    rows = {row["way"]: row for row in map(json.loads, output.splitlines())}
    assert (rows["always a person"]["recall"], rows["always a person"]["false_alarms_per_100"]) == (1.0, 100.0)
    assert (rows["always the bot"]["recall"], rows["always the bot"]["delay_turns"]) == (0.0, None)
    assert (rows["Warmline"]["recall"], rows["Warmline"]["false_alarms_per_100"]) == (1.0, 0.0)


def test_replay_shows_turns_and_draws_the_curve(tmp_path: Path) -> None:
    """Text with brackets is shown as written, and the picture rings the turn that handed over."""
    rows = [*TALK, {"dialogue": 7, "role": "customer", "text": "[bold]still here[/bold]"}]
    picture = tmp_path / "curve.svg"
    file = written(tmp_path / "in.jsonl", rows)
    code, output = run("replay", file, "7", "--rules", str(RULES), "--picture", str(picture))
    assert code == 0
    assert "[bold]" in output
    assert picture.read_text(encoding="utf-8").count("stroke-width='3'") >= 1


def test_replay_of_an_unknown_dialogue_says_so(tmp_path: Path) -> None:
    """With the name that was asked for."""
    code, output = run("replay", written(tmp_path / "in.jsonl", TALK), "nobody", "--rules", str(RULES))
    assert code == 1
    assert "'nobody'" in output


def verdicts(tmp_path: Path) -> str:
    """Sixty conversations: calm ones that needed nobody, and mildly annoyed ones that did."""
    rows: list[dict[str, object]] = []
    for n in range(60):
        text = "still no refund after two weeks, what is going on?" if n % 2 else "when do you open?"
        rows.append({"dialogue": n, "role": "customer", "text": text, "needed": bool(n % 2)})
    assert any(held_out_name(n) for n in range(60))
    return written(tmp_path / "verdicts.jsonl", rows)


def held_out_name(n: int) -> bool:
    from warmline.evaluation.tuning import Case

    return held_out(Case(str(n), True, ()))


def test_tune_writes_only_on_consent(tmp_path: Path) -> None:
    """Refused, the file keeps every byte; agreed, only the levels change and the comments stay."""
    rules = tmp_path / "escalation.yml"
    before, changed = BALANCED.subn("balanced: {upset: 0.94, angry: 0.94", RULES.read_text(encoding="utf-8"))
    assert changed == 1
    rules.write_text(before, encoding="utf-8")
    file = verdicts(tmp_path)
    code, output = run("tune", file, "--rules", str(rules), answer="n\n")
    assert (code, rules.read_text(encoding="utf-8")) == (0, before)
    assert "Nothing was written" in output
    code, output = run("tune", file, "--rules", str(rules), "--yes")
    assert code == 0
    after = load_rules(rules)
    assert after.thresholds.angry < 0.94
    assert after.thresholds.failures == load_rules(RULES).thresholds.failures
    assert "# How soon: calm" in rules.read_text(encoding="utf-8")


def test_tune_needs_verdicts(tmp_path: Path) -> None:
    """Without any it says what it expected; with too few, how many."""
    code, output = run("tune", written(tmp_path / "in.jsonl", TALK), "--rules", str(RULES))
    assert code == 1
    assert '"needed"' in output
    few = [{**row, "needed": True} for row in TALK]
    code, output = run("tune", written(tmp_path / "in.jsonl", few), "--rules", str(RULES))
    assert code == 1
    assert "at least 15" in output


BAD = {
    "nothing": (b"", "is empty"),
    "blank lines": (b"\n \n", "is empty"),
    "half a line": (
        b'{"dialogue": 1, "role": "customer", "text": "hi"}\n{"dialogue": 1, "ro\n',
        "line 2: this is not JSON",
    ),
    "a list": (b"[1]\n", "line 1: expected an object such as"),
    "another role": (b'{"dialogue": 1, "role": "alien", "text": "hi"}\n', "line 1: the role is 'alien'"),
    "no role": (b'{"dialogue": 1, "text": "hi"}\n', "line 1: 'role' is missing"),
    "no text": (b'{"dialogue": 1, "role": "customer"}\n', "line 1: expected an object such as"),
    "another encoding": ('{"dialogue": 1, "role": "customer", "text": "café"}'.encode("latin-1"), "not UTF-8"),
    "no text at all": (bytes(range(256)), "not UTF-8"),
}


@pytest.mark.parametrize("command", [("score",), ("eval", "mood"), ("eval", "handover"), ("replay",), ("tune",)])
@pytest.mark.parametrize("bad", list(BAD))
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, command: tuple[str, ...], bad: str) -> None:
    """Every command that reads conversations says what is wrong, where, and ends with 1."""
    content, expected = BAD[bad]
    file = tmp_path / "talk.jsonl"
    file.write_bytes(content)
    code, output = run(*command, str(file), "--rules", str(RULES))
    assert code == 1
    assert "talk.jsonl" in output
    assert expected in output


def test_what_other_programs_write_is_read(tmp_path: Path) -> None:
    """A byte order mark, NaN for no rating, an unknown outcome, NUL, half a surrogate: none stops a log."""
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"dialogue": 1, "role": "customer", "text": "a\\u0000b \\ud800", "mean": NaN}\n'
        b'{"dialogue": 1, "role": "bot", "text": "Hello.", "outcome": "resolved", "at": 1e999}\n'
        b'{"dialogue": 1, "role": "customer", "text": "' + b"bad " * 100_000 + b'"}\n'
    )
    assert run("score", str(file), "--rules", str(RULES), "--out", str(out))[0] == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 3
    assert rows[0]["mean"] is None
    assert "frustration" in rows[2]


def test_a_mistake_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    """What --out names is written whole or not at all, and what was there stays."""
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text(json.dumps(TALK[0]) + "\nnot json\n", encoding="utf-8")
    out.write_text("earlier", encoding="utf-8")
    assert run("score", str(file), "--rules", str(RULES), "--out", str(out))[0] == 1
    assert [one.name for one in tmp_path.iterdir() if one.name not in ("in.jsonl", "out.jsonl")] == []
    assert out.read_text(encoding="utf-8") == "earlier"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("score", "FILE", "--out", "/nowhere/x.jsonl"), "cannot be written"),
        (("eval", "mood", "FILE", "--picture", "/nowhere/x.svg"), "cannot be written"),
        (("replay", "FILE", "--picture", "/nowhere/x.svg"), "cannot be written"),
        (("replay", "FILE", "z"), "no dialogue 'z'"),
        (("replay", "nowhere.jsonl"), "There is no file nowhere.jsonl"),
        (("tune", "FILE"), "No conversation has a verdict"),
        (("tune", "FILE", "--miss-cost", "-1"), "--miss-cost"),
        (("score", "FILE", "--rules", "/nowhere/rules.yml"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, words: tuple[str, ...], expected: str) -> None:
    """A sentence, not a traceback."""
    file = written(tmp_path / "in.jsonl", TALK)
    given = [file if word == "FILE" else word for word in words]
    rules = [] if "--rules" in given else ["--rules", str(RULES)]
    code, output = run(*given, *rules)
    assert code in (1, 2)
    assert expected in " ".join(output.split())


def test_ratings_of_one_kind_only_are_told_with_what_to_do(tmp_path: Path) -> None:
    """Nothing can be measured without both kinds; ratings in quotes are not taken for none."""
    calm = [{**row, "mean": 0} for row in TALK if row["role"] == "customer"]
    code, output = run("eval", "mood", written(tmp_path / "a.jsonl", calm), "--rules", str(RULES))
    assert code == 1
    assert "both kinds are needed" in " ".join(output.split())
    code, output = run("eval", "handover", written(tmp_path / "b.jsonl", calm), "--rules", str(RULES))
    assert code == 1
    assert "no dialogue that needs a person" in output
    quoted = [{**row, "mean": "4"} for row in calm]
    code, output = run("eval", "mood", written(tmp_path / "c.jsonl", quoted), "--rules", str(RULES))
    assert code == 1
    assert "without quotes" in output
