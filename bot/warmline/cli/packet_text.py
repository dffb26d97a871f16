"""A packet as lines of plain text, in the order an agent needs it."""

from __future__ import annotations

from warmline.core.packet import Packet

BARS = "▁▂▃▄▅▆▇█"


def packet_lines(packet: Packet) -> list[str]:
    """*packet* for reading: who, what, what is known, what was tried, the mood, why it is here, what to do next."""
    who = packet.customer.name or "a guest"
    sure = "known to the site" if packet.customer.sure == "signed" else "not verified"
    lines = [f"Who      {who} ({sure})" + (f", {packet.customer.email}" if packet.customer.email else "")]
    lines.append(f"Wants    {packet.wants}")
    if packet.words:
        lines.append(f"Words    “{packet.words}”")
    lines += _block("Given", [f"{f.label}: {f.value}{' (verified)' if f.verified else ''}" for f in packet.facts])
    lines += _block("Tried", [f"{attempt.did}: {attempt.outcome}" for attempt in packet.tried])
    if packet.mood:
        curve = "".join(bar(point.value) for point in packet.mood)
        last = packet.mood[-1]
        because = f" because {'; '.join(last.reasons)}" if last.reasons else ""
        lines.append(f"Mood     {curve}  now {last.value:.0%}{because}")
    if packet.decision is not None:
        decision = packet.decision
        turns = ", ".join(str(seq) for seq in decision.turns)
        lines.append(f"Why      rule {decision.rule} ({decision.cause})" + (f", messages {turns}" if turns else ""))
        lines += _block("", [signal.text for signal in decision.signals])
        if decision.counterfactual:
            lines.append(f"         {decision.counterfactual}")
    if packet.urgency_min is not None:
        lines.append(f"Urgency  somebody should answer within {packet.urgency_min} minutes")
    if packet.language:
        lines.append(f"Language {packet.language}")
    if packet.contact:
        lines.append(f"Contact  {packet.contact}")
    lines += _block("Earlier", [episode.text for episode in packet.earlier])
    lines += _block("Notes", [f"{note.name}: {note.text}" for note in packet.notes])
    lines += _block("Next", list(packet.next))
    lines += _block("Drafts", list(packet.drafts))
    return lines


def bar(value: float) -> str:
    """*value* (0..1) as one character, higher for more."""
    return BARS[min(len(BARS) - 1, max(0, int(value * len(BARS))))]


def _block(title: str, entries: list[str]) -> list[str]:
    return [f"{title if at == 0 else '':<8} {entry}" for at, entry in enumerate(entries)]
