"""Sign-in, joining and sign-out in a browser, as a class does it."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults_light_and_dark
from tests.browser.conftest import Watch, address, sign_in
from tests.server import Server, wait_for
from tests.slowness import patience


def join(
    teacher: Page,
    student: Page,
    school: Server,
    name: str,
    look: Callable[[Page], None] = lambda page: None,
) -> str:
    """Open a link, join with its code, and return the personal code. `look` sees each page on the way."""
    teacher.goto(address(school, "/class"))
    link = teacher.locator("[data-role-of-link='student']")
    with teacher.expect_response(
        lambda answer: answer.request.method == "POST" and "join-links" in answer.url
    ) as opened:
        link.get_by_role("button", name=re.compile("Open a link|New code")).click()
    code = opened.value.json()["code"]
    expect(link.locator(".code")).to_have_text(code)
    student.goto(address(school, "/"))
    student.get_by_label("Class code").fill(code.lower())
    look(student)
    student.get_by_role("button", name="Join").click()
    student.get_by_label("Your name").fill(name)
    look(student)
    student.get_by_role("button", name="Join").click()
    personal = student.locator("#personal-code").text_content() or ""
    expect(student.get_by_role("button", name="Copy code")).to_be_visible()
    look(student)
    student.get_by_role("link", name="Start").click()
    expect(student.locator("#runs-page")).to_be_visible()
    return personal


def enrolled(student: Page, school: Server, name: str, role: str = "student") -> None:
    """Have somebody join as the form does, without the pages on the way."""
    code = school.post("/api/v1/join-links", {"role": role})["code"]
    origin = {"Origin": address(school, "")}
    answer = student.context.request.post(address(school, f"/join/{code}"), form={"name": name}, headers=origin)
    assert answer.ok, answer.text()


def started(person: Page, school: Server, **config: Any) -> str:
    """Have somebody start a run as their pages do, and return its id."""
    origin = {"Origin": address(school, "")}
    answer = person.context.request.post(address(school, "/api/v1/runs"), data={"config": config}, headers=origin)
    assert answer.ok, answer.text()
    run: str = answer.json()["id"]
    return run


def shuts_nobody_out(page: Page) -> None:
    """Have axe look at a page, light and dark."""
    assert faults_light_and_dark(page) == []


def test_a_student_joins_trains_signs_out_and_comes_back_to_their_run(
    school: Server, someone: Callable[[], Page]
) -> None:
    teacher, student = someone(), someone()
    sign_in(teacher, school)
    personal = join(teacher, student, school, "Ada <b>", shuts_nobody_out)
    expect(student.locator("#person-name")).to_have_text("Ada <b>")
    expect(student.get_by_role("link", name="Class", exact=True)).to_be_hidden()
    student.locator("#start-digits").dispatch_event("click")
    expect(student).to_have_url(re.compile("/runs/"))
    expect(student.locator("body")).to_have_attribute("data-points", re.compile(r"^([2-9]|\d\d+)$"))
    school.stop_runs()
    hers = student.url
    student.get_by_role("link", name="Ada <b>").click()
    student.get_by_role("button", name="Sign out").click()
    expect(student.get_by_role("heading", name="Sign in")).to_be_visible()
    student.goto(hers)
    student.get_by_label(re.compile("personal code")).fill(personal)
    student.get_by_role("button", name="Sign in").click()
    expect(student).to_have_url(hers)
    expect(student.locator("body")).to_have_attribute("data-points", re.compile(r"^([2-9]|\d\d+)$"))


def test_a_refused_sign_in_shows_the_reason(school: Server, someone: Callable[[], Page], watch: Watch) -> None:
    visitor = someone()
    visitor.goto(address(school, "/runs/abc"))
    visitor.get_by_label(re.compile("personal code")).fill("not a code")
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_role("alert").filter(has_text="Wrong password")).to_be_visible()
    shuts_nobody_out(visitor)
    visitor.get_by_label("Class code").fill("AAAA-AAAA")
    visitor.get_by_role("button", name="Join").click()
    expect(visitor.get_by_role("alert").filter(has_text="Ask your teacher")).to_be_visible()
    # Chromium writes refused pages into its console.
    watch.faults[:] = [fault for fault in watch.faults if "401" not in fault and "404" not in fault]


def test_a_student_on_the_teachers_page_reads_whose_it_is(school: Server, someone: Callable[[], Page]) -> None:
    student = someone()
    enrolled(student, school, "Grace")
    student.goto(address(school, "/class"))
    expect(student.get_by_role("heading", name="This page is the teacher's")).to_be_visible()
    shuts_nobody_out(student)


def test_a_viewer_sees_a_run_live_and_is_offered_no_forbidden_action(
    school: Server, someone: Callable[[], Page]
) -> None:
    teacher, viewer = someone(), someone()
    sign_in(teacher, school)
    enrolled(viewer, school, "Guest", role="viewer")
    run = started(teacher, school, iterations=400)
    viewer.goto(address(school, f"/runs/{run}"))
    expect(viewer.locator("body")).to_have_attribute("data-status", "succeeded")
    expect(viewer.locator(".viewer-note")).to_be_visible()
    for action in ("Pause", "Stop", "Extend", "Clone", "Rewind", "Add notes"):
        expect(viewer.get_by_role("button", name=action, exact=True)).to_be_hidden()
    viewer.get_by_role("button", name="Gradient descent").click()
    expect(viewer.get_by_text("viewers start no runs")).to_be_visible()
    viewer.goto(address(school, "/new"))
    expect(viewer.get_by_text("Viewers look at runs and start none.")).to_be_visible()
    shuts_nobody_out(viewer)


def test_the_printed_address_signs_in_and_tokens_are_made_and_revoked(
    school: Server, someone: Callable[[], Page]
) -> None:
    # The printed address signs the teacher in, and its token leaves the address.
    teacher = someone()
    teacher.goto(school.url)
    expect(teacher.locator("#runs-page")).to_be_visible()
    assert "token" not in teacher.url
    expect(teacher.get_by_role("link", name="Class", exact=True)).to_be_visible()
    expect(teacher.locator("#person-name")).to_have_text("teacher")

    # Another token is made on the settings, used, and revoked.
    teacher.get_by_role("link", name="teacher", exact=True).click()
    teacher.get_by_label("Purpose").fill("notebook")
    teacher.get_by_role("button", name="Make a token").click()
    token = teacher.locator(".secret code").text_content() or ""
    shuts_nobody_out(teacher)
    asked = urllib.request.Request(  # noqa: S310 (our own server)
        address(school, "/api/v1/me"), headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=patience(20)) as answer:  # noqa: S310 (our own server)
        assert json.load(answer)["role"] == "teacher"
    teacher.get_by_role("button", name="Revoke: notebook").click()
    expect(teacher.get_by_text("There is no token yet.")).to_be_visible()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=patience(20))  # noqa: S310 (our own server)
    assert refused.value.code == 401


def test_an_open_page_of_a_removed_person_leads_to_the_sign_in(
    school: Server, someone: Callable[[], Page], watch: Watch
) -> None:
    teacher, student = someone(), someone()
    enrolled(student, school, "Lise")
    student.goto(address(school, "/"))
    expect(student.locator("#runs-page")).to_be_visible()
    sign_in(teacher, school)
    teacher.goto(address(school, "/class"))
    teacher.once("dialog", lambda dialog: dialog.dismiss())
    teacher.get_by_role("button", name="Send out: Lise").click()
    expect(teacher.get_by_role("button", name="Send out: Lise")).to_be_enabled()
    teacher.once("dialog", lambda dialog: dialog.accept())
    teacher.get_by_role("button", name="Send out: Lise").click()
    expect(teacher.get_by_role("button", name="Let in again: Lise")).to_be_visible()
    shuts_nobody_out(teacher)
    student.locator("#start-digits").dispatch_event("click")
    expect(student.get_by_role("heading", name="Sign in")).to_be_visible()
    watch.faults[:] = [fault for fault in watch.faults if "401" not in fault]


def test_the_pages_run_no_script_that_is_not_the_servers_own(
    school: Server, someone: Callable[[], Page], watch: Watch
) -> None:
    teacher = someone()
    answer = teacher.goto(school.url)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    # Each page that the header leads to; the console must stay empty.
    expect(teacher.locator("#runs-page")).to_be_visible()
    pages = [link.get_attribute("href") or "" for link in teacher.locator(".top a.nav").all()]
    assert {"/", "/new", "/datasets", "/class", "/docs", "/settings"} <= set(pages)
    heading = teacher.locator("#content h1:visible").first
    for path in pages:
        if path in ("/", "/docs"):
            continue
        before = heading.inner_text()
        teacher.locator(f".top a.nav[href='{path}']").dispatch_event("click")
        expect(heading).not_to_have_text(before)
    teacher.goto(address(school, "/docs"))
    expect(teacher.locator(".opblock").first).to_be_visible()
    run = started(teacher, school, iterations=400)
    teacher.goto(address(school, f"/runs/{run}"))
    expect(teacher.locator("body")).to_have_attribute("data-points", re.compile(r"^([2-9]|\d\d+)$"))
    expect(teacher.locator(".js-plotly-plot").first).to_be_visible()
    assert watch.faults == []
    # A script that somebody got onto the page does not run.
    teacher.goto(address(school, "/settings"))
    expect(teacher.locator("#token-name")).to_be_visible()
    ran = teacher.evaluate(
        """() => { const s = document.createElement("script"); s.textContent = "window.owned = 1";
        document.body.append(s); return window.owned === 1; }"""
    )
    assert not ran
    # The browser says that it was kept from it, which is what was wanted.
    assert any("Content Security Policy" in fault for fault in watch.faults)
    watch.faults[:] = [fault for fault in watch.faults if "Content Security Policy" not in fault]


def test_the_teacher_sees_failed_sign_ins_and_resets_the_limit(school: Server, someone: Callable[[], Page]) -> None:
    for guess in range(12):
        request = urllib.request.Request(address(school, f"/join/AAAA-AA{guess:02}"))  # noqa: S310
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(request, timeout=patience(20))  # noqa: S310
    teacher = someone()
    sign_in(teacher, school)
    teacher.goto(address(school, "/class"))
    notice = teacher.locator("#failed-sign-ins")
    expect(notice).to_contain_text("Many wrong codes from 127.0.0.1")
    # At least these: other tests guess at the same server.
    expect(notice).to_contain_text(re.compile(r"1\d wrong codes or passwords in the last 10 minutes"))
    notice.get_by_role("button", name="Lift: 127.0.0.1").click()
    expect(notice).to_be_empty()
    # Codes are still taken from there.
    enrolled(someone(), school, "Guido")


def test_the_teacher_sees_whose_run_is_whose(school: Server, someone: Callable[[], Page]) -> None:
    teacher, student = someone(), someone()
    sign_in(teacher, school)
    enrolled(student, school, "Sofia")
    own, hers = (started(one, school, iterations=1_000_000) for one in (teacher, student))
    school.stop_runs()
    teacher.goto(address(school, f"/runs/{own}"))
    expect(teacher.locator(".run-title .caption")).to_contain_text("·")
    expect(teacher.locator(".run-title")).not_to_contain_text("by teacher")
    teacher.goto(address(school, f"/runs/{hers}"))
    expect(teacher.locator(".run-title")).to_contain_text("by Sofia")
    teacher.goto(address(school, "/?status=bogus"))
    expect(teacher.locator(".ag-header-cell[col-id=owner]")).to_be_visible()
    expect(teacher.locator(".ag-cell[col-id=owner]").filter(has_text="Sofia").first).to_be_visible()


def test_the_class_page_follows_who_trains_and_leads_to_their_runs(school: Server, someone: Callable[[], Page]) -> None:
    teacher, student = someone(), someone()
    enrolled(student, school, "Zoë")
    sign_in(teacher, school)
    teacher.goto(address(school, "/class"))
    row = teacher.get_by_role("row", name=re.compile("^Zoë"))
    expect(row).to_contain_text("no run yet")
    expect(teacher.locator("#class-now")).to_contain_text(re.compile(r"\d+ of 200 seats empty"))
    qr_code = teacher.locator("[data-role-of-link='student']").get_by_role("button", name="Show the QR code large")
    expect(qr_code).to_be_visible()
    wait_for(lambda: teacher.evaluate("document.querySelector('.qr-code').naturalWidth"), lambda width: width > 0)
    run = started(student, school, iterations=100, hidden_layers=[])
    best = row.get_by_role("link", name=re.compile("%"))
    expect(best).to_have_attribute("href", f"/runs/{run}")
    shuts_nobody_out(teacher)
    qr_code.click()
    expect(teacher.get_by_role("dialog", name="QR code of the link")).to_be_visible()
    teacher.keyboard.press("Escape")
    teacher.get_by_role("link", name="Zoë", exact=True).click()
    expect(teacher).to_have_url(re.compile(r"/\?owner=Zo%C3%AB$"))
    expect(teacher.locator("body")).to_have_attribute("data-rows", "1")
