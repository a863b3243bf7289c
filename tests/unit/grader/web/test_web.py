from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.db.columns import utc_now
from grader.settings import load_settings
from grader.web import create_app, read_secret_key
from grader.web.current import SESSION_KEY

School = Any


def test_the_key_is_made_once_and_its_owners_alone(tmp_path: Path) -> None:
    settings = load_settings({}, data_dir=tmp_path / "new")
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(read_secret_key(settings))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 32
    (path,) = (tmp_path / "new").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("dev")
    with pytest.raises(ValueError, match="32"):
        read_secret_key(load_settings({}, secret_key_file=path))


def test_a_key_is_changed_without_signing_anybody_out(school: School, tmp_path: Path) -> None:
    path, old, new = tmp_path / "keys", "o" * 40, "n" * 40
    settings = replace(school.parts.settings, secret_key_file=path)
    path.write_text(old)
    client = create_app(settings, school.parts).test_client()
    with client.session_transaction() as session:
        session[SESSION_KEY] = school.parts.accounts.start_session(school.ids["ada"], utc_now())
    cookie = client.get_cookie("grader").value
    for keys, status in ((f"{new}\n{old}\n", 200), (f"{new}\n", 302)):
        path.write_text(keys)
        later = create_app(settings, school.parts).test_client()
        later.set_cookie("grader", cookie)
        assert later.get("/").status_code == status


def test_https_makes_the_cookie_strict(school: School) -> None:
    settings = replace(school.parts.settings, public_url="https://grader.example.edu")
    client = create_app(settings, school.parts).test_client()
    answer = client.get("/sign-in", base_url="https://grader.example.edu")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-grader=")
    assert "Secure" in cookie
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize(("proxies", "address"), [(0, "10.0.0.9"), (1, "203.0.113.7")])
def test_a_proxy_is_believed_only_where_settings_say_so(school: School, proxies: int, address: str) -> None:
    settings = replace(school.parts.settings, trusted_proxies=proxies)
    app = create_app(settings, school.parts)
    seen: list[str | None] = []
    app.before_request(lambda: seen.append(__import__("flask").request.remote_addr))
    app.test_client().get(
        "/sign-in", headers={"X-Forwarded-For": "203.0.113.7"}, environ_base={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert seen == [address]


def test_the_web_process_loads_no_worker_and_no_keras() -> None:
    code = (
        "import sys, grader.web, grader.wiring, grader.tasks\n"
        "bad = {'keras', 'tensorflow', 'numpy', 'workers', 'docker'} & {name.partition('.')[0] for name in sys.modules}\n"
        "raise SystemExit(sorted(bad) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[4], timeout=60)
