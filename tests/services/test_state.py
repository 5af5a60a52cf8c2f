"""The state moves on by events of its own generation, and tells how well each slice is known."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.state import (
    IDLE,
    Changed,
    Failed,
    Key,
    Loadable,
    Loading,
    Partial,
    Ready,
    State,
    error_of,
    reduce,
    stopped,
    value_of,
)


@dataclass(frozen=True)
class Named(Key[tuple[str, ...]]):
    name: str


DENIED = AppError(ErrorKind.DENIED, "list")
SLICES: st.SearchStrategy[Loadable[tuple[str, ...]]] = st.one_of(
    st.just(IDLE),
    st.builds(Loading, st.one_of(st.none(), st.just(("a",))), st.integers(0, 3), st.integers(0, 9)),
    st.builds(Ready, st.just(("a", "b")), st.floats(0, 9)),
    st.builds(Partial, st.just(("a",)), st.one_of(st.none(), st.just(DENIED)), st.floats(0, 9)),
    st.builds(Failed, st.just(DENIED), st.floats(0, 9)),
)
EVENTS = st.lists(st.builds(Changed, st.integers(0, 2), st.builds(Named, st.sampled_from("xyz")), SLICES), max_size=20)


@given(EVENTS)
def test_the_last_event_of_the_generation_stands_for_each_slice(events):
    state = State(generation=1)
    for event in events:
        state = reduce(state, event)
    for name in "xyz":
        own = [event.value for event in events if event.generation == 1 and event.key == Named(name)]
        assert state.get(Named(name)) == (own[-1] if own else IDLE)


@given(EVENTS)
def test_nothing_of_another_account_moves_the_state(events):
    state = State(generation=7)
    for event in events:
        assert reduce(state, event) is state


def test_an_equal_value_is_the_same_state_so_that_nothing_is_drawn():
    state = reduce(State(), Changed(0, Named("x"), Ready(("a",), 1.0)))
    assert reduce(state, Changed(0, Named("x"), Ready(("a",), 1.0))) is state


def test_another_account_begins_with_nothing():
    state = reduce(State(), Changed(0, Named("x"), Ready(("a",), 1.0))).renewed()
    assert (state.generation, dict(state.slices)) == (1, {})


def test_empty_denied_partial_and_unknown_are_told_apart():
    assert (value_of(IDLE), error_of(IDLE)) == (None, None)
    assert (value_of(Ready((), 1.0)), error_of(Ready((), 1.0))) == ((), None)
    assert (value_of(Failed(DENIED, 1.0)), error_of(Failed(DENIED, 1.0))) == (None, DENIED)
    assert (value_of(Partial(("a",), DENIED, 1.0)), error_of(Partial(("a",), DENIED, 1.0))) == (("a",), DENIED)


def test_what_is_stopped_keeps_what_came_and_where_to_go_on():
    assert stopped(Loading(("a",), 1, 1, "next"), 5.0) == Partial(("a",), None, 5.0, "next")
    assert stopped(Loading(), 5.0) == IDLE
