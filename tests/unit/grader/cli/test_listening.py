from __future__ import annotations

import socket

import pytest

from grader.cli.listening import listen


def test_any_free_port() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.getsockname()[1] > 0


def test_a_port_in_use_is_named_with_the_way_to_another(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as caught:
            listen("127.0.0.1", port)
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert f"Port {port} of 127.0.0.1 is in use" in said
    assert "make serve PORT=" in said


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_an_address_of_another_machine(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        listen(host, 0)
    assert "no address of this machine" in capsys.readouterr().err


def test_a_number_that_is_no_port(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        listen("127.0.0.1", 99999)
    assert "99999" in capsys.readouterr().err
