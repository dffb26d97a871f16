"""
What is done after a last question: answers of other hands, read by the real engine and judged as the forms judge them.

    .venv/bin/python -m bench.judgement.consents FILE.jsonl ...

A line has a ``kind`` (reservation, consent or refusal), a ``text`` and the question, as ``context`` or ``question``.
Prints for each kind how many were taken for a yes, for a no, and asked again, and every reservation that was taken for
a yes and every consent that was not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from actions.account_tasks import ValidateAddressForm, ValidateDataForm, ValidateEndForm
from actions.appointment import ValidateAppointmentForm
from actions.order_tasks import ValidateCancelForm, ValidateReturnForm
from bot.cli.model import ensure_model
from bot.language.consent import consent
from bot.language.signs import in_words
from bot.settings import load
from bot.supervisor import Warden
from bot.teaching.private import private_engine

ROOT = Path(__file__).resolve().parents[2]
FORMS = {
    "Shall I cancel order A1042": (ValidateCancelForm, "order A1042 1 x Desk Lamp Oda"),
    "Shall I cancel ": (ValidateCancelForm, "order A1101 1 x Brass lamp 89.00 EUR"),
    "Shall I send ": (ValidateReturnForm, "order A1042 1 x Desk Lamp Oda"),
    "Shall I end ": (ValidateEndForm, "the small Fern Box"),
    "Shall I book the repair": (ValidateAppointmentForm, "a repair appointment on Tuesday, 8 December, 10:00 CET"),
    "Shall I book ": (ValidateAppointmentForm, "a visit to our showroom on Monday, 10:00 CET"),
    "Shall I delete ": (ValidateDataForm, ""),
    "Shall I change your address to 12": (ValidateAddressForm, "12 Mill Lane, Leeds"),
    "Shall I change ": (ValidateAddressForm, "6 Elm Road, York"),
}


async def measure(files: Sequence[Path]) -> None:
    lines = [
        json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    lines = [line for line in lines if line["kind"] in ("reservation", "consent", "refusal")]
    settings, guard = load({}, root=ROOT), Warden()
    try:
        model = await ensure_model(settings, guard, print)
    finally:
        guard.close()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    shown: list[str] = []
    async with private_engine(settings, model, actions=False, say=print) as (engine, _):
        for line in lines:
            question = line.get("context") or line.get("question")
            form, named = next(found for begins, found in FORMS.items() if begins in question)
            text = in_words(line["text"], asked=True)
            top = (await engine.understand(text)).intents[0]
            said = consent(
                text, acts=form.acts, named=named, intent=str(top["name"]), confidence=float(top["confidence"])
            )
            counts[line["kind"]][said or "asked again"] += 1
            if (line["kind"] == "reservation" and said == "yes") or (line["kind"] == "consent" and said != "yes"):
                shown.append(f"  {line['kind']:<12} {said or 'asked again':<12} {line['text']}")
    for kind, count in counts.items():
        print(f"{kind:<12} {sum(count.values()):>4}  " + ", ".join(f"{n} {what}" for what, n in count.most_common()))
    print(*shown, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    asyncio.run(measure(parser.parse_args().files))


if __name__ == "__main__":
    main()
