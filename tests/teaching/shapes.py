"""Small bots that are not laid out like the demo shop: what others' Rasa projects look like."""

from __future__ import annotations

from pathlib import Path

DOMAIN_INTENTS = (
    'version: "3.1"\nintents:\n  - greet\n  - faq\n  - book\nentities:\n  - city\nactions:\n  - utter_faq\n'
)
DOMAIN_REST = """version: "3.1"
slots:
  city:
    type: text
    mappings:
    - type: from_entity
      entity: city
forms:
  book_form:
    required_slots: [city]
responses:
  utter_greet:
  - text: Hello.
  utter_booked:
  - text: Booked for {city}.
  utter_ask_city:
  - text: In which city?
  utter_faq/hours:
  - text: From 9 to 5.
  utter_faq/parking:
  - text: Behind the house.
"""
NLU = """version: "3.1"

nlu:
- intent: greet
  examples: |
    - hi
    - hello
    - good morning
- intent: book  # a table
  examples: |
    - I want to book a table in [Bergen](city)
    - a table please
    - book in [Oslo]{"entity": "city"}

- intent: faq/hours
  examples: |
    - when are you open
    - opening hours
    - how late are you open
- intent: faq/parking
  examples: |
    - where can I park
    - is there parking
    - parking for cars
"""
STORIES = """version: "3.1"
stories:
- story: hello and book
  steps:
  - intent: greet
  - action: utter_greet
  - or:
    - intent: book
    - intent: greet
  - action: utter_booked
- story: questions
  steps:
  - intent: faq
  - action: utter_faq
"""
CONFIG = """recipe: default.v1
language: en
pipeline:
- name: WhitespaceTokenizer
- name: CountVectorsFeaturizer
- name: DIETClassifier
  epochs: 5
- name: ResponseSelector
  epochs: 5
  retrieval_intent: faq
policies:
- name: MemoizationPolicy
- name: TEDPolicy
  epochs: 5
"""


def flat(root: Path) -> Path:
    """What ``rasa init`` leaves: one file of each kind in data/, one domain.yml with responses; stories, no rules."""
    (root / "data").mkdir(parents=True)
    domain = DOMAIN_INTENTS + DOMAIN_REST.removeprefix('version: "3.1"\n')
    texts = {"domain.yml": domain, "data/nlu.yml": NLU, "data/stories.yml": STORIES, "config.yml": CONFIG}
    return _written(root, texts)


def split(root: Path) -> Path:
    """A domain in a folder, training data in folders of other names, rules beside stories, one file of actions."""
    rules = 'version: "3.1"\nrules:\n- rule: ask\n  steps:\n  - intent: faq\n  - action: utter_faq\n'
    texts = {
        "domain/intents.yml": DOMAIN_INTENTS,
        "domain/talk/rest.yml": DOMAIN_REST + '  utter_sorry:\n  - text: "Sorry."\n',
        "data/training/questions.yml": NLU,
        "data/paths/stories.yml": STORIES,
        "data/paths/rules.yml": rules,
        "actions.py": 'def run(dispatcher):\n    dispatcher.utter_message(response="utter_sorry")\n',
        "config.yml": CONFIG + "- name: RulePolicy\n",
    }
    return _written(root, texts)


def _written(root: Path, texts: dict[str, str]) -> Path:
    for name, text in {**texts, "warmline.toml": ""}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root
