"""What an answer to a stranger may be, whatever was asked."""

import os

import schemathesis

# What everybody may ask, as tests/tests/home/matrix.rs has it.
PUBLIC = {line for line in os.environ.get("PORCHLIGHT_PUBLIC", "").split("\n") if line}


@schemathesis.check
def tells_a_stranger_nothing(ctx, response, case):
    if os.environ.get("PORCHLIGHT_TOKEN") or case.path in PUBLIC:
        return
    assert response.status_code in (400, 401, 404, 405, 408, 413, 415, 422), f"{response.status_code} to a stranger"
    if response.request.method != "HEAD":
        told = response.json()
        assert set(told) <= {"error", "message", "said"}, "a stranger is told more than that it is refused"
        assert not told.get("said", {}).get("values"), "a stranger is told of what it was refused"


@schemathesis.check
def guards_what_it_says(ctx, response, case):
    for name, value in {"cache-control": "no-store", "x-content-type-options": "nosniff", "x-frame-options": "DENY"}.items():
        assert value in response.headers.get(name, [""])[0], f"{name} is missing"
