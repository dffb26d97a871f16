"""A small project of its own for each test: five intents, taught the way the real one is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = """version: "3.1"

# a comment that must stay
intents:
  - greet
  - order_status:
      use_entities: [order_number]
  # about money
  - refund
  - delivery_cost
  - bye

entities:
  - order_number

session_config:
  session_expiration_time: 0
  carry_over_slots_to_new_session: true
"""
EXAMPLES = {
    "greet": ["hello", "hi there", "good morning", "hey", "greetings to you", "hello bot", "hi", "good evening"],
    "order_status": [
        "where is my order",
        "where is [A1042](order_number)",
        "when will my parcel arrive",
        "track my package please",
        "has my order been shipped",
        "my parcel, where is it now",
        "what is the status of order A1107",
        "is my order on its way",
    ],
    "refund": [
        "I want my money back",
        "when do I get my refund",
        "has the refund been paid",
        "how long does a refund take",
        "give me back the money",
        "refund please",
        "my refund is not on my account",
        "is the money for my return sent",
    ],
    "delivery_cost": [
        "how much is delivery",
        "what does shipping cost",
        "is delivery free",
        "price of postage",
        "do I pay for shipping",
        "delivery fee?",
        "shipping costs",
        "how expensive is it to send it",
    ],
    "bye": ["goodbye", "see you", "bye bye", "farewell then", "I'm off", "until next time", "cheerio", "ciao"],
}


def nlu(intent: str, examples: list[str]) -> str:
    return f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {text}\n" for text in examples)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("nlu", "rules", "responses"):
        (root / "data" / name).mkdir(parents=True)
    (root / "domain.yml").write_text(DOMAIN)
    taught = "".join(nlu(intent, examples) for intent, examples in EXAMPLES.items())
    (root / "data" / "nlu" / "all.yml").write_text('version: "3.1"\nnlu:\n' + taught)
    rules = "".join(
        f"- rule: {intent}\n  steps:\n  - intent: {intent}\n  - action: utter_faq_{intent}\n" for intent in EXAMPLES
    )
    (root / "data" / "rules" / "all.yml").write_text('version: "3.1"\nrules:\n' + rules)
    responses = "".join(f"  utter_faq_{intent}:\n  - text: About {intent}.\n" for intent in EXAMPLES)
    (root / "data" / "responses" / "all.yml").write_text('version: "3.1"\nresponses:\n' + responses)
    shutil.copy(ROOT / "data" / "order_number.yml", root / "data")
    return root
