"""The roster of a service's engines, with processes that really end."""

import multiprocessing
import uuid

import pytest

from ai_jobs.engine.roster import PLACES, Roster

# As the worker service does: what its processes share is inherited.
_fork = multiprocessing.get_context("fork")


@pytest.fixture
def roster():
    return Roster()


def _enter_and_wait(roster, engine, entered, may_end):
    roster.enter(engine)
    entered.send(None)
    may_end.recv()


def test_an_engine_whose_process_died_is_missed_until_it_is_forgotten(roster):
    engine = uuid.uuid4()
    process = _fork.Process(target=roster.enter, args=(engine,))
    process.start()
    process.join()
    assert roster.gone() == {process.pid: engine}
    roster.forget(process.pid)
    assert roster.gone() == {}


def test_an_engine_that_lives_is_not_missed(roster):
    (entered, says_entered), (may_end, lets_end) = _fork.Pipe(duplex=False), _fork.Pipe(duplex=False)
    engine = uuid.uuid4()
    process = _fork.Process(target=_enter_and_wait, args=(roster, engine, says_entered, may_end))
    process.start()
    entered.recv()
    assert roster.gone() == {}
    lets_end.send(None)
    process.join()
    assert roster.gone() == {process.pid: engine}


def test_an_engine_that_left_is_not_missed(roster):
    def enter_and_leave():
        roster.enter(uuid.uuid4())
        roster.leave()

    process = _fork.Process(target=enter_and_leave)
    process.start()
    process.join()
    assert roster.gone() == {}


def test_forgetting_one_process_forgets_no_other_that_took_its_place(roster):
    process = _fork.Process(target=roster.enter, args=(uuid.uuid4(),))
    process.start()
    process.join()
    assert process.pid is not None
    roster.forget(process.pid + PLACES)
    assert list(roster.gone()) == [process.pid]
