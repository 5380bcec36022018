from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

from calndro.adapters.letter import octets, write
from calndro.core.event import see
from calndro.core.notice import Kind
from calndro.core.slot import Slot
from tests.adapters.letters import LETTERHEAD, TOKEN, dispatch, parsed, text_of
from tests.examples import START, Scene, slot


@pytest.mark.parametrize(
    ("kind", "subject", "opening"),
    [
        (Kind.UPDATE, "'moot' updated", "a@here.net tells you where 'moot' stands."),
        (
            Kind.INVITATION,
            "invitation to 'moot'",
            "a@here.net asks you to help find a time for 'moot'.",
        ),
        (
            Kind.AGREED,
            "'moot' agreed",
            "a@here.net made the last step: a time for 'moot' was agreed on.",
        ),
        (
            Kind.CANCELLED,
            "'moot' cancelled",
            "a@here.net changed 'moot': the time that was agreed on no longer holds.",
        ),
        (
            Kind.CHANGED,
            "'moot' changed",
            "a@here.net changed 'moot' after it had been agreed on.",
        ),
        (
            Kind.LINK,
            "new link to 'moot'",
            "a@here.net asked for a new link to 'moot', by means of one that had expired.",
        ),
    ],
)
def test_letter_begins_with_who_did_what(kind: Kind, subject: str, opening: str) -> None:
    """
    Each kind has its own subject, and an opening that names the acting person and the title.
    """
    letter = dispatch(kind=kind)
    assert parsed(letter)["Subject"] == f"[calndro] {subject}"
    assert text_of(letter).startswith(f"{opening}\n")


def test_invitation_explains_itself() -> None:
    """
    Who is invited is told how an agreement comes about; who is merely told is not.
    """
    rule = "It is agreed when one time is left that works for all."
    assert rule in text_of(dispatch(kind=Kind.INVITATION))
    assert rule not in text_of(dispatch(kind=Kind.UPDATE))


def test_letter_for_somebody_else_names_both() -> None:
    """
    A letter whose sender did not act names both; replies go to the sender.
    """
    letter = dispatch(effector="c@here.net")
    text = text_of(letter)
    assert text.startswith("c@here.net, on behalf of a@here.net, tells you where 'moot' stands.")
    assert "Replies go to a@here.net." in text
    assert parsed(letter)["Reply-To"] == "a@here.net"


def test_nobody_replies_to_the_forgotten() -> None:
    """
    A letter whose sender was erased meanwhile has no address for replies.
    """
    letter = dispatch(sender="erased-1", effector="erased-1")
    assert "Reply-To" not in parsed(letter)
    assert "Replies go" not in text_of(letter)


def test_times_are_numbered_in_the_zone_of_the_event_and_in_utc() -> None:
    """
    Each slot has its number, weekday, date, begin and end in the event's zone, then in UTC.
    """
    seen = attrs.evolve(see(Scene(1, 2).ledger), zone="Asia/Kathmandu")
    assert (
        "On the table now (time zone Asia/Kathmandu):\n"
        "   1. Wed 2 Jan 2030 05:45-06:45\n"
        "      in UTC: Wed 2 Jan 2030 00:00-01:00\n"
        "   2. Thu 3 Jan 2030 05:45-06:45\n"
        "      in UTC: Thu 3 Jan 2030 00:00-01:00\n"
    ) in text_of(dispatch(event=seen))


def test_utc_is_not_said_twice() -> None:
    """
    Where the event's clocks show UTC, each slot is said once.
    """
    seen = attrs.evolve(see(Scene(1).ledger), zone="Africa/Abidjan")
    assert "in UTC" not in text_of(dispatch(event=seen))


def test_hour_that_clocks_show_twice_is_told_apart() -> None:
    """
    On the night when clocks go back, two different slots never read alike.
    """
    first = datetime(2030, 10, 27, 2, 15, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
    table = tuple(
        Slot(first + timedelta(hours=number), timedelta(minutes=15)) for number in range(2)
    )
    seen = attrs.evolve(see(Scene().ledger), slots=table, zone="Europe/Paris")
    lines = re.findall(r"^ +\d\. (.*)$", text_of(dispatch(event=seen)), re.MULTILINE)
    assert len(set(lines)) == 2


def test_slot_that_is_over_is_pointed_out() -> None:
    """
    A slot is marked from the instant on at which it ends.
    """
    letter = dispatch(Scene(1))
    end = START + timedelta(days=1, hours=1)
    for now, marked in ((end, True), (end - timedelta(microseconds=1), False)):
        content = octets(write(letter, LETTERHEAD, now), "\r\n")
        assert (b"00:00-01:00 (over)" in content) is marked


def test_letter_shows_the_present_and_says_when_it_moved() -> None:
    """
    When the table has changed since the notice, the letter shows the present one and says so.
    """
    scene = Scene(1, 2)
    told = scene.ledger.state.slots
    scene.keep("b", 2)
    text = text_of(dispatch(scene, told=told))
    assert "The table has changed since this letter was asked for" in text
    assert "Thu 3 Jan 2030" in text
    assert "Wed 2 Jan 2030" not in text
    assert "The table has changed" not in text_of(dispatch(scene))


def test_open_event_names_who_is_waited_on() -> None:
    """
    Who has not answered is named, and is asked to; who has is told so.
    """
    scene = Scene(1, 2)
    text = text_of(dispatch(scene))
    assert "Still to answer: b@here.net and c@here.net." in text
    assert "Your answer is waited for; say here which times work for you:" in text
    scene.keep("b", 1, 2)
    assert "You have answered; see here who else has, or change your answer:" in text_of(
        dispatch(scene)
    )


def test_answered_event_names_what_suits_all() -> None:
    """
    When nobody is waited on, the slots that all keep are named by number, and the next step.
    """
    scene = Scene(1, 2, 3)
    scene.keep("b", 1, 2, 3)
    scene.judge("c", [], [1, 3])
    text = text_of(dispatch(scene))
    assert "Everybody can do 1 and 3: anyone may choose." in text
    assert "Choose here, by leaving only one time on the table:" in text


def test_answered_event_without_a_common_slot_says_so() -> None:
    """
    When all have answered and no slot suits all, the letter says so and asks for more times.
    """
    scene = Scene(1, parties="ab")
    scene.extend("b", 2)
    text = text_of(dispatch(scene))
    assert "Everybody has answered, but no time suits all yet." in text
    assert "Propose another time here, or think again about those on the table:" in text


@pytest.mark.parametrize("numbers", [(1, 2), ()])
def test_event_of_nobody_says_so(numbers: tuple[int, ...]) -> None:
    """
    Where all parties were erased, the letter to who proposed it names no step that leads nowhere.
    """
    scene = Scene(*numbers, parties="ab", proposer="p")
    scene.erase("a")
    scene.erase("b")
    text = text_of(dispatch(scene, Kind.CANCELLED, recipient="p@here.net", link=None))
    assert "Nobody is left to agree." in text
    assert "anyone may choose" not in text
    assert "somebody proposes" not in text


def agreed(*names: int) -> Scene:
    """
    Play until two parties agree on the first of the slots.
    """
    scene = Scene(*names, parties="ab")
    scene.keep("b", names[0])
    scene.keep("a", names[0])
    return scene


def test_agreement_is_said() -> None:
    """
    An agreed event shows its time set off, once, and no table besides.
    """
    scene = agreed(1, 2)
    text = text_of(dispatch(scene, Kind.AGREED, about=slot(1)))
    assert (
        "The time that is agreed on (time zone UTC):\n\n    Wed 2 Jan 2030 00:00-01:00\n\n"
        "It suits everybody."
    ) in text
    assert text.count("Wed 2 Jan 2030") == 1
    assert "On the table" not in text


def test_cancellation_names_the_time_that_no_longer_holds() -> None:
    """
    A letter about an agreement that broke names its time, then what is on the table.
    """
    scene = agreed(1)
    scene.replace("a", 2, 3)
    text = text_of(dispatch(scene, Kind.CANCELLED, about=slot(1)))
    assert (
        "The time that no longer holds (time zone UTC):\n\n    Wed 2 Jan 2030 00:00-01:00\n\n"
        "On the table now (time zone UTC):\n   1. Thu 3 Jan 2030 00:00-01:00\n"
    ) in text


def test_time_still_on_the_table_no_longer_holds_either() -> None:
    """
    A time that was agreed on and is now one of several is named as such and on the table.
    """
    scene = agreed(1)
    scene.extend("b", 2)
    text = text_of(dispatch(scene, Kind.CANCELLED, about=slot(1)))
    assert "no longer holds (time zone UTC):\n\n    Wed 2 Jan 2030 00:00-01:00\n" in text
    assert "   1. Wed 2 Jan 2030 00:00-01:00\n   2. Thu 3 Jan 2030 00:00-01:00\n" in text


def test_overtaken_agreement_names_both_times() -> None:
    """
    A letter about an agreement that has moved since names the old time and the new.
    """
    scene = agreed(1)
    told = scene.ledger.state.slots
    scene.replace("a", 2)
    scene.keep("b", 2)
    text = text_of(dispatch(scene, Kind.AGREED, about=slot(1), told=told))
    assert (
        "The table has changed since this letter was asked for; below is what is on it now.\n\n"
        "The time that no longer holds (time zone UTC):\n\n    Wed 2 Jan 2030 00:00-01:00\n\n"
        "The time that is agreed on (time zone UTC):\n\n    Thu 3 Jan 2030 00:00-01:00\n"
    ) in text


def test_empty_table_is_said() -> None:
    """
    A table without slots is called empty, and other times are asked for.
    """
    scene = Scene(1)
    scene.replace("b")
    text = text_of(dispatch(scene))
    assert "No time is on the table." in text
    assert "Propose other times here:" in text


def test_deletion_is_said_and_leads_to_the_log() -> None:
    """
    The letter about a deleted event says who deleted it, and its link opens the log.
    """
    scene = agreed(1)
    scene.delete("a")
    text = text_of(dispatch(scene, Kind.CANCELLED, about=slot(1)))
    assert text.startswith("a@here.net deleted 'moot': the time that was agreed on")
    assert text.count("Wed 2 Jan 2030") == 1
    assert f"\nhttps://meet.example.org/7/log/?et={TOKEN}\n" in text


def test_deletion_shows_what_else_was_on_the_table() -> None:
    """
    What was on the table of an event deleted since the letter was asked for is shown.
    """
    scene = agreed(1)
    scene.replace("a", 2, 3)
    scene.delete("a")
    text = text_of(dispatch(scene, Kind.CANCELLED, about=slot(1)))
    assert "What was on the table at the end (time zone UTC):\n   1. Thu 3 Jan 2030" in text


def test_party_is_told_how_to_stop_letters() -> None:
    """
    Who may stop the letters of an event is told how; who may not, or no longer, is not.
    """
    how = "To get no more letters of this event, open the link and stop them there."
    scene = agreed(1)
    assert how in text_of(dispatch(scene))
    assert how not in text_of(dispatch(scene, recipient="p@here.net", link=None, expires=None))
    scene.delete("a")
    assert how not in text_of(dispatch(scene, Kind.CANCELLED, about=slot(1)))


def test_link_holds_the_token_until_it_ends() -> None:
    """
    The link has the form that the pages know, and its end is said in both zones, rounded down.
    """
    seen = attrs.evolve(see(Scene(1).ledger), zone="Asia/Kathmandu")
    text = text_of(dispatch(event=seen, expires=datetime(2029, 12, 29, 18, 30, 59, 9, tzinfo=UTC)))
    assert f"\nhttps://meet.example.org/7/?et={TOKEN}\n" in text
    assert (
        "The link works until Sun 30 Dec 2029 00:15 (Asia/Kathmandu), in UTC Sat 29 Dec 2029 "
        "18:30. Keep it to yourself: whoever has it can act as b@here.net."
    ) in text


def test_link_of_an_event_in_utc_ends_in_utc_alone() -> None:
    """
    The end of a link is said once where the event's zone is UTC.
    """
    assert "until Sat 29 Dec 2029 18:30 (UTC). Keep" in text_of(dispatch())


def test_who_is_no_party_gets_a_plain_link() -> None:
    """
    A proposer that is no party is told to sign in, and gets no token.
    """
    text = text_of(dispatch(recipient="p@here.net", link=None, expires=None))
    assert "\nhttps://meet.example.org/7/\n" in text
    assert "The page asks you to sign in." in text
    assert "You are no party of it, so nobody waits for you." in text
    assert "et=" not in text


def test_letter_says_whom_it_is_for() -> None:
    """
    The recipient and the parties are named; of many parties the first twelve.
    """
    assert (
        "This letter is for b@here.net. Replies go to a@here.net. "
        "The event is between a@here.net, b@here.net and c@here.net."
    ) in text_of(dispatch())
    many = Scene(1, parties="abcdefghijklmno")
    assert "k@here.net, l@here.net and 3 more." in text_of(dispatch(many))


def test_receipt_stands_in_text_and_header_alike() -> None:
    """
    The last line of a letter is the receipt that its header has too.
    """
    message = parsed(dispatch())
    text = message.get_body(("plain",))
    assert text is not None
    last = text.get_content().splitlines()[-1]
    assert last == f"Calndro-Audit: {message['X-Calndro-Audit']}"
