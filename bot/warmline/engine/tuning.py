"""
What Rasa does badly around custom actions, mended in one place by :func:`apply`.

*Validation*: Rasa re-checks its own constant schema on every call, which is nearly the whole cost of a custom action
(60 ms against 12 ms). Here the validator is built once, and an event is held against the schema of its own kind before
it is held against all of them; what is refused is the same.

*Failure*: when a custom action fails, Rasa logs the whole request, the customer's words included, and goes on as if the
action had done nothing. Here the log gets the action's name and what kind of failure it was, and the failure is noted
for the turn (:func:`watching`), so that nobody is answered with half of an answer.

After the first failure of a turn no further action is called: nobody would hear what it did.

*Domain*: Warmline's own actions read no domain, and get none, which saves most of what a call carries. Others get it
unless endpoints.yml says ``enable_selective_domain``: rasa-sdk's forms find their slots in it. A call without one is
answered 449 by rasa-sdk 3.21; it accepts an empty one.

*Every turn*: while a form runs that has ``ignored_intents``, Rasa fills no slot at a turn of such an intent, not even
one that an action fills: nobody would look at what the customer feels. Ours are filled on every turn.

*Guesses*: a policy that learns from stories holds every action of the domain for possible, ours as well, which no story
has: what it is not certain of is taken for none of them.

*Events*: Rasa looks for an event's class among all subclasses, for each event of each message. Found once is enough.
"""

import contextvars
from typing import Any, Dict, List, NamedTuple, Optional, Type

from jsonschema.validators import validator_for
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.policy import PolicyPrediction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.slot_mappings import SlotMapping
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.schemas.events import EVENTS_SCHEMA

from warmline.engine.names import ACTION_PREFIX


class Failure(NamedTuple):
    """The *action* failed, with an error of the *kind* (never its text), when *said* messages had left."""

    action: str
    kind: str
    said: int


_failures: "contextvars.ContextVar[Optional[List[Failure]]]" = contextvars.ContextVar("failed actions", default=None)


def watching() -> List[Failure]:
    """Start to note failed actions of the present task; returns the list that they will be in."""
    failed: List[Failure] = []
    _failures.set(failed)
    return failed


def is_ours(action: str) -> bool:
    """Whether *action* is Warmline's own, and not the project's."""
    return action.startswith(ACTION_PREFIX)


def apply() -> None:
    """Mend Rasa in this process. Calling it again changes nothing."""
    if getattr(RemoteAction, "mended", False):
        return
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator, by_kind = validator_class(schema), _by_kind(validator_class)
    run, call_format = RemoteAction.run, RemoteAction._action_call_format
    selective = RemoteAction._is_selective_domain_enabled

    def call_with_some_domain(self: RemoteAction, *args: Any, **kwargs: Any) -> Dict[str, Any]:
        call = call_format(self, *args, **kwargs)
        call.setdefault("domain", {})
        return call

    def is_selective(self: RemoteAction) -> bool:
        return is_ours(self.name()) or selective(self)

    def validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
        if not _plainly_valid(result, by_kind):
            validator.validate(result)
        return True

    async def run_and_note(self: RemoteAction, output_channel: Any, *args: Any, **kwargs: Any) -> Any:
        if _failures.get():
            raise RasaException(f"The action {self.name()} was not called: the turn has failed before it.")
        try:
            return await run(self, output_channel, *args, **kwargs)
        except ActionExecutionRejection:
            raise
        except Exception as wrong:
            cause = wrong.__cause__ or wrong
            status = getattr(cause, "status", None)
            kind = type(cause).__name__ + (f" {status}" if status else "")
            failed = _failures.get()
            if failed is not None:
                failed.append(Failure(self.name(), kind, len(getattr(output_channel, "messages", ()))))
            raise RasaException(f"The action {self.name()} failed: {kind}") from None

    desired = SlotMapping.intent_is_desired

    def intent_is_desired(mapping: Dict[str, Any], tracker: Any, domain: Any) -> bool:
        return is_ours(str(mapping.get("action"))) or desired(mapping, tracker, domain)

    best = DefaultPolicyPredictionEnsemble._best_policy_prediction

    def best_policy_prediction(predictions: List[PolicyPrediction], tracker: Any, domain: Domain) -> PolicyPrediction:
        ours = [
            n for n, name in enumerate(domain.action_names_or_texts) if is_ours(name.replace("utter_", "action_", 1))
        ]
        for prediction in predictions:
            for n in ours:
                if prediction.probabilities[n] < 1.0:  # rules and stories that are known by heart are certain
                    prediction.probabilities[n] = 0.0
        return best(predictions, tracker, domain)

    resolve, classes = Event.resolve_by_type, {}

    def resolve_by_type(type_name: str, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
        if type_name not in classes:
            found = resolve(type_name, default)
            if found is None or found is default:
                return found
            classes[type_name] = found
        return classes[type_name]

    Event.resolve_by_type = staticmethod(resolve_by_type)
    RemoteAction._validate_action_result = validate_action_result
    RemoteAction._is_selective_domain_enabled = is_selective
    RemoteAction._action_call_format = call_with_some_domain
    RemoteAction.run = run_and_note
    DefaultPolicyPredictionEnsemble._best_policy_prediction = staticmethod(best_policy_prediction)
    SlotMapping.intent_is_desired = staticmethod(intent_is_desired)
    RemoteAction.mended = True


def _by_kind(validator_class: Any) -> Dict[str, List[Any]]:
    """The validators of each kind of event; none at all when a schema does not name its kind."""
    found: Dict[str, List[Any]] = {}
    common = {name: value for name, value in EVENTS_SCHEMA["items"].items() if name != "oneOf"}
    for schema in EVENTS_SCHEMA["items"]["oneOf"]:
        kind = schema.get("properties", {}).get("event", {}).get("const")
        if kind is None:
            return {}
        found.setdefault(kind, []).append(validator_class({**common, "allOf": [schema]}))
    return found


def _plainly_valid(result: Any, by_kind: Dict[str, List[Any]]) -> bool:
    """
    Whether *result* is valid beyond doubt: of all schemas only those of its own kind can fit an event, and exactly one
    does. False means: look closer.
    """
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(isinstance(response, dict) for response in responses)
        and all(
            isinstance(event, dict)
            and isinstance(event.get("event"), str)
            and sum(validator.is_valid(event) for validator in by_kind.get(event["event"], ())) == 1
            for event in events
        )
    )
