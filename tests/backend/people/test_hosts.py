from __future__ import annotations

import pytest

from backend.api.access.headers import content_security_policy, inline_scripts
from backend.kit.rate_limiter import MAX_KEYS, RateLimiter
from backend.people.hosts import Hosts, is_cross_site
from backend.people.sign_in_limits import FailedAttemptLimiter, FailureLog, Throttle


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8050", "127.0.0.1:1", "[::1]:8050", "192.168.0.7", "a.example."]
)
def test_ones_own_names_and_all_addresses_are_hosts(host: str) -> None:
    assert Hosts(["A.example"]).allows(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "localhost.evil.example",
        "localhost@evil",
        "a/b",
        "127.0.0.1.evil.example",
        "[::1",
        "a.example:port",
        "xa.example",
    ],
)
def test_other_names_and_malformed_ones_are_not(host: str | None) -> None:
    assert not Hosts(["a.example"]).allows(host)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://localhost:8050", "localhost:8050", "http"),
        ("http://a.example", "a.example:80", "http"),
        ("https://a.example", "a.example", "https"),
        ("https://a.example", "a.example", "wss"),
        ("http://A.example", "a.example", "ws"),
    ],
)
def test_a_page_of_ours_is_not_cross_site(origin: str, host: str, scheme: str) -> None:
    assert is_cross_site({"origin": origin, "host": host}, scheme) is None


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://localhost:8051", "localhost:8050", "http"),
        ("https://localhost:8050", "localhost:8050", "http"),
        ("http://a.example", "a.example", "https"),
        ("null", "a.example", "http"),
        ("", "a.example", "http"),
        ("http://a.example:x", "a.example", "http"),
        ("http://a.example.evil.example", "a.example", "ws"),
    ],
)
def test_any_other_page_is(origin: str, host: str, scheme: str) -> None:
    assert is_cross_site({"origin": origin, "host": host}, scheme)


def test_a_token_bucket_refills_evenly_and_refusals_cost_nothing() -> None:
    now = [0.0]
    limiter = RateLimiter(2, 10, clock=lambda: now[0])
    assert [limiter.acquire("a") for _ in range(2)] == [0, 0]
    assert limiter.acquire("a") == pytest.approx(5)
    assert limiter.acquire("b") == 0
    now[0] = 5.0
    assert limiter.acquire("a") == 0
    assert limiter.acquire("a") == pytest.approx(5)


def test_addresses_by_the_million_take_bounded_memory() -> None:
    limiter = RateLimiter(2, 10)
    for number in range(MAX_KEYS + 1000):
        limiter.acquire(str(number))
    assert len(limiter._buckets) == MAX_KEYS


def test_guessing_from_many_addresses_is_limited_in_all() -> None:
    attempts = FailedAttemptLimiter(per_address=5, in_all=20, seconds=600, clock=lambda: 0.0)
    for number in range(20):
        assert attempts.throttle_key(str(number)) is None
        attempts.record_failure(str(number))
    assert attempts.throttle_key("yet another") == ""


def test_one_address_that_guesses_uses_up_its_own_limit_alone() -> None:
    attempts = FailedAttemptLimiter(per_address=5, in_all=20, seconds=600, clock=lambda: 0.0)
    for _ in range(1000):
        attempts.record_failure("a")
    assert attempts.throttle_key("a") == "a"
    assert attempts.throttle_key("b") is None
    attempts.reset("a")
    assert attempts.throttle_key("a") is None


def test_turns_come_one_a_second_for_each_key_and_few_wait() -> None:
    slept: list[float] = []
    turns = Throttle(1.0, 8, clock=lambda: 0.0, sleep=slept.append)
    assert [turns.wait("a") for _ in range(3)] == [0, 0, 0]
    assert turns.wait("b") == 0
    assert slept == [0, 1, 2, 0]
    nested: list[float] = []
    full = Throttle(1.0, 1, clock=lambda: 0.0, sleep=lambda _: nested.append(full.wait("b")))
    assert full.wait("a") == 0
    assert nested == [1.0]


def test_many_guesses_of_an_address_are_remembered_for_a_while() -> None:
    now = [0.0]
    guesses = FailureLog(3, 600, clock=lambda: now[0])
    for address in ("a", "b", "a", "a"):
        guesses.record(address)
    now[0] = 12
    assert [(one.address, one.failures, one.seconds_ago) for one in guesses.recent()] == [("a", 3, 12)]
    now[0] = 700
    assert guesses.recent() == []
    guesses.record("a")
    assert guesses.recent() == []


def test_the_policy_names_inline_scripts_by_hash_and_allows_no_other() -> None:
    page = '<script src="/a.js"></script><script>run()</script><script type="application/json">{"a":1}</script>'
    assert inline_scripts(page) == ["run()"]
    policy = content_security_policy(inline_scripts(page)).decode()
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert script.count("sha256-") == 1
    assert "unsafe" not in script
