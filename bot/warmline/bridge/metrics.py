"""What /metrics counts. Every name is listed in docs/operations.md."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("warmline_messages_total", "Messages stored, by author", ["author"])
ANSWERS = Counter("warmline_bot_answers_total", "Questions to the engine, by how they ended", ["outcome"])
ANSWER_SECONDS = Histogram(
    "warmline_bot_answer_seconds",
    "Seconds from asking the engine to its answer",
    buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8),
)
REFUSED = Counter("warmline_frames_refused_total", "Frames refused, by wire code", ["code"])
CONNECTIONS = Gauge("warmline_connections", "Open WebSocket connections, by kind", ["kind"])
WAITING = Gauge("warmline_waiting_conversations", "Conversations in the queue")
BOT_OK = Gauge("warmline_engine_up", "1 when the engine answers its health check")
OUTBOX = Gauge("warmline_questions_waiting", "Questions in the outbox, when last more than the engine takes at once")
REFRESH_SECONDS = Histogram(
    "warmline_refresh_seconds",
    "Seconds to bring the desk and the customers' states up to date",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1),
)
