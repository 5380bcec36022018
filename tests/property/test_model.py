"""
The invariants of the domain, on random stories told to the real thing and to the model.
"""

from __future__ import annotations

from hypothesis import given

from tests.plays import Play
from tests.stories import Step, stories


@given(stories)
def test_story_goes_as_the_model_says(story: list[Step]) -> None:
    """
    Every operation does what the naive model does, to the last byte of the log.
    """
    play = Play()
    for step in story:
        play.step(step)
