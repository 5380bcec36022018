"""
The domain: propose -> narrow -> agree : audit. Pure values and pure functions.

- event: one coordination of fixed parties over a changing table of slots
- slot: a begin (an instant, UTC) and a duration; at most 30 lie on the table
- party: an email address that takes part; the proposer need not be one
- title: one line that says what the event is about
- kept: per party, the slots it has accepted by its own acts
- status: open, agreed, void or closed; always derived from the log
- log entry: one audited fact about an event, chained to the one before
- email token: what a letter carries so that its reader may answer
- notice: what is to be told to one recipient
- access: who may do what, one table
"""

from __future__ import annotations
