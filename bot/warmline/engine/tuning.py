"""
What Rasa does badly around custom actions, mended in one place by :func:`apply`.

*Validation*: Rasa re-checks its own constant schema on every call, which is nearly the whole cost of a custom action
(60 ms against 12 ms). Here the validator is built once, and an event is held against the schema of its own kind before
it is held against all of them; what is refused is the same.

*Failure*: when a custom action fails, Rasa logs the whole request, the customer's words included, and goes on as if the
action had done nothing. Here the log gets the action's name and what kind of failure it was, and the failure is noted
for the turn (:func:`watching`), so that the channel can refuse instead of answering with half of an answer.

The first failure of a turn loses the turn, so the actions after it are not called: nobody would hear what they did.

*Domain*: Warmline's own actions read no domain, and get none, which saves most of what a call carries. Others get it
unless endpoints.yml says ``enable_selective_domain``: rasa-sdk's forms find their slots in it. A call without one is
answered 449 by rasa-sdk 3.21; it accepts an empty one.

*Events*: Rasa looks for an event's class among all subclasses, for each event of each message. Found once is enough.
"""

import contextvars
from typing import Any, Dict, List, Optional, Type

from jsonschema.validators import validator_for
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.schemas.events import EVENTS_SCHEMA

OUR_ACTIONS = "action_warmline_"

_failures: "contextvars.ContextVar[Optional[List[str]]]" = contextvars.ContextVar("failed actions", default=None)


def watching() -> List[str]:
    """Start to note failed actions of the present task; returns the list that they will be in, as ``name: kind``."""
    failed: List[str] = []
    _failures.set(failed)
    return failed


def apply() -> None:
    """Mend RemoteAction. Calling it again changes nothing."""
    if getattr(RemoteAction, "mended", False):
        return
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator, by_kind = validator_class(schema), _by_kind(validator_class)
    run, call_format = RemoteAction.run, RemoteAction._action_call_format
    selective = RemoteAction._is_selective_domain_enabled

    def is_selective(self: RemoteAction) -> bool:
        return self.name().startswith(OUR_ACTIONS) or selective(self)

    def call_with_some_domain(self: RemoteAction, *args: Any, **kwargs: Any) -> Dict[str, Any]:
        call = call_format(self, *args, **kwargs)
        call.setdefault("domain", {})
        return call

    def validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
        if not _plainly_valid(result, by_kind):
            validator.validate(result)
        return True

    async def run_and_note(self: RemoteAction, *args: Any, **kwargs: Any) -> Any:
        if _failures.get():
            raise RasaException(f"The action {self.name()} was not called: the turn has failed before it.")
        try:
            return await run(self, *args, **kwargs)
        except ActionExecutionRejection:
            raise
        except Exception as wrong:
            cause = wrong.__cause__ or wrong
            status = getattr(cause, "status", None)
            kind = type(cause).__name__ + (f" {status}" if status else "")
            failed = _failures.get()
            if failed is not None:
                failed.append(f"{self.name()}: {kind}")
            raise RasaException(f"The action {self.name()} failed: {kind}") from None

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
