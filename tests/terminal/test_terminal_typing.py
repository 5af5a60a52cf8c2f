"""Keys in one burst in the real program: each goes where those before it have led."""

from __future__ import annotations

from program import Program


def test_what_follows_a_slash_or_a_colon_is_text(account):
    with Program() as t:
        t.sees("pet-web", "main-")
        t.send(b"/build")
        t.sees("/ build", "nothing matches")
        t.send(b"\x1b")
        t.misses("nothing matches")
        t.send(b"/pet-x\x7fweb\rG")
        t.sees("2 of ", "▸  pet-web ")
        t.send(b":compare\r")
        t.sees("PAIRINGS", "Pet_Admin")
        t.send(b"1/hr-vault\r2/batch-jobs\r")
        t.misses("Pet_Admin")
        t.sees("batch-jobs", "1 of ")
        t.send(b":q\r")
        t.ends(0)


def test_what_is_typed_before_a_plan_stands_does_not_confirm_it(account):
    with Program() as t:
        t.sees("123456789012", "pet-web")
        t.send(b"/pet-web\rGb\r" + b"\t\r" * 4)  # to the plan, and then what would send it
        t.sees("Start a build of pet-web", "codebuild:StartBuild", "Cancel    Start")
        assert "Cancel    Start" in t.screen
        t.read(0.5)
        assert "Cancel    Start" in t.screen
        t.send(b"\x03")
        t.ends(0)
