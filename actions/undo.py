"""
"Undo" takes back the last thing that was done in this conversation, when the shop allows it: a cancelled order is put
back. Whatever was done after that is the last thing then, and an earlier one is left alone.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend import Refusal, Unconfirmed
from actions.orders import kept
from actions.services import shop
from actions.small_talk import Unsure
from actions.tasks import done
from warmline.actions.services import services
from warmline.actions.turns import PERSON, TALK_TO_PERSON, ask_id, confidence, failed, report, words_of
from warmline.core.errors import BackendError

SURE_OF_IT = 0.7
"""With nothing done that could be undone, what is less sure ("I'd like to reorder", .57) means something else."""
LABEL = "putting the order back"


class Undo(Action):
    """
    Puts the order back that was cancelled last in this conversation, without another question: it only restores. In any
    other case it says that nothing was changed, and offers the way back, if there is one, and a person.
    """

    def name(self) -> str:
        return "action_undo"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if tracker.active_loop_name and tracker.get_slot("requested_slot") == "confirm":
            dispatcher.utter_message(response="utter_undo_not_done")
            report(dispatcher, "answered", "said that nothing was done yet")
            return []
        last = tracker.get_slot("last_deed") or {}
        if not last and confidence(tracker) < SURE_OF_IT:
            return await Unsure().run(dispatcher, tracker, domain)
        order = last.get("order")
        if not order:
            return _not_possible(dispatcher, last)
        number, email = order["number"], order["email"]
        named = {one.value for one in shop().orders.find(words_of(tracker))}
        if named - {number}:
            again = {"title": f"Put {number} back", "payload": "/undo"}
            return _told(dispatcher, "utter_undo_only", "told what can be undone", [again], number=number)
        try:
            restored = await shop().backend.restore_order(number, email, key=ask_id(tracker), now=services().now())
        except Refusal as refusal:
            response = {"too_late": "utter_undo_too_late", "not_cancelled": "utter_undo_over"}.get(refusal.reason)
            did = f"{LABEL} is not possible: {refusal.reason.replace('_', ' ')}"
            return _told(dispatcher, response or "utter_task_refused", did, number=number)
        except Unconfirmed:
            did = f"the shop did not confirm {LABEL}: it may be done, or not"
            return failed(dispatcher, tracker, "failed", did, "utter_unconfirmed")
        except BackendError:
            did = f"the shop's system did not answer ({LABEL}): nothing was done"
            return failed(dispatcher, tracker, "failed", did, "utter_not_reached")
        dispatcher.utter_message(response="utter_restored", number=number)
        events = done(dispatcher, tracker, f"put order {number} back", {"deed": LABEL, "way": "cancel_order"})
        if tracker.get_slot("order_number") == number:
            events += [SlotSet("order", kept(restored)), SlotSet("topic", {"kind": "order"})]
        return events


def _not_possible(dispatcher: CollectingDispatcher, last: dict[str, Any]) -> list[EventType]:
    """Nothing was done here, or nothing that can be undone: says so, with the way back where there is one."""
    if not last:
        return _told(dispatcher, "utter_undo_nothing", "had done nothing that could be undone")
    title = services().titles.of(str(last.get("way")))
    ways = [{"title": title, "payload": f"/{last['way']}"}] if title else []
    response = "utter_undo_way" if ways else "utter_undo_not"
    return _told(dispatcher, response, f"could not undo {last['deed']}", ways, deed=last["deed"])


def _told(
    dispatcher: CollectingDispatcher,
    response: str,
    did: str,
    ways: list[dict[str, str]] | None = None,
    **values: Any,
) -> list[EventType]:
    """Say *response*, with *ways* as buttons before the one for a person; a bare yes means a person without them."""
    own = response == "utter_task_refused"  # it has the button itself
    buttons = [*(ways or []), *([] if own else [TALK_TO_PERSON])]
    dispatcher.utter_message(response=response, buttons=buttons, **values)
    report(dispatcher, "answered", did)
    return [] if ways else [SlotSet("warmline_offer", PERSON)]
