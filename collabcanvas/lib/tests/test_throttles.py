"""Buckets: how much fits, how they refill, and that nothing slips through between many at once."""

import threading
import uuid

import pytest
from django.db import connection, connections
from django.test import override_settings

from collabcanvas.lib.origin import address_of, network_of
from collabcanvas.lib.throttles import give_back, take


def age(key: str, seconds: float) -> None:
    """As if everything had happened that much earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_throttle SET full_at = full_at - make_interval(secs => %s) WHERE key = %s",
            [seconds, key],
        )


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


@pytest.mark.django_db
@pytest.mark.parametrize("amount", [1, 7, 60])
def test_a_bucket_holds_its_amount_and_then_says_how_long_to_wait(key: str, amount: int) -> None:
    assert [take(key, amount=amount, seconds=3600) for _ in range(amount)] == [0.0] * amount
    wait = take(key, amount=amount, seconds=3600)
    assert 0 < 3600 / amount - wait < 60
    # Being refused costs nothing.
    assert take(key, amount=amount, seconds=3600) <= wait


@pytest.mark.django_db
def test_it_refills_evenly_and_never_above_its_amount(key: str) -> None:
    for _ in range(60):
        take(key, amount=60, seconds=3600)
    age(key, 181)
    assert [take(key, amount=60, seconds=3600) == 0 for _ in range(4)] == [True, True, True, False]
    age(key, 1_000_000)
    assert [take(key, amount=60, seconds=3600) == 0 for _ in range(61)] == [True] * 60 + [False]


@pytest.mark.django_db
def test_what_is_given_back_can_be_taken_again(key: str) -> None:
    assert take(key, amount=1, seconds=3600) == 0
    give_back(key, amount=1, seconds=3600)
    assert take(key, amount=1, seconds=3600) == 0
    assert take(key, amount=1, seconds=3600) > 0


@pytest.mark.django_db
def test_one_request_may_cost_more_but_never_more_than_there_can_be(key: str) -> None:
    assert take(key, amount=10, seconds=3600, cost=8) == 0
    assert take(key, amount=10, seconds=3600, cost=8) > 0
    assert take(key, amount=10, seconds=3600, cost=2) == 0
    assert take(f"{key}-2", amount=10, seconds=3600, cost=100) == 0


@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_moment_get_exactly_what_there_is(key: str) -> None:
    outcomes: list[float] = []
    begin = threading.Barrier(8)

    def take_many() -> None:
        begin.wait()
        try:
            outcomes.extend(take(key, amount=100, seconds=36_000) for _ in range(25))
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=take_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 200
    assert outcomes.count(0.0) == 100


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "192.0.2.1"),
        (0, "203.0.113.5", "192.0.2.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        # The client wrote the first one, the proxy the last.
        (1, "10.0.0.1, 203.0.113.5", "203.0.113.5"),
        (2, "10.0.0.1, 203.0.113.5, 198.51.100.2", "203.0.113.5"),
        # Whoever came past the proxies is who is connected.
        (2, "203.0.113.5", "192.0.2.1"),
        (1, "not an address", ""),
        (1, "2001:DB8::0:1", "2001:db8::1"),
    ],
)
def test_only_what_trusted_proxies_noted_is_believed(proxies: int, forwarded: str, address: str) -> None:
    with override_settings(TRUSTED_PROXIES=proxies):
        assert address_of(peer="192.0.2.1", forwarded=forwarded) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_one_customer_of_ipv6_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
