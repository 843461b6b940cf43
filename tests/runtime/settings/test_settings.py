"""Settings: typed and frozen, from the environment and .env, all mistakes in one error."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mtvgen.runtime import Settings, SettingsError
from mtvgen.runtime.models import Database

NEEDED = {"SECRET_KEY": "a secret", "ALLOWED_HOSTS": "example.com,www.example.com"}

SECRET_KEY_MISSING = (
    "SECRET_KEY is not set, and this is not mtvgen runserver. "
    "-> export SECRET_KEY=\"$(python -c 'import secrets; print(secrets.token_urlsafe(48))')\""
)


class SiteSettings(Settings):
    notes_per_page: int = 20
    ratio: float = 0.5
    greeting: str = "Hello"
    beta: bool = False
    uploads: Path = Path("uploads")
    admins: list[str] = dataclasses.field(default_factory=list)
    ports: tuple[int, ...] = (80, 443)
    sender: str | None = None
    api_key: str = "none"
    pin: int = dataclasses.field(default=0, repr=False)


def read(root, **variables):
    return SiteSettings.from_environment(root, {**NEEDED, **variables})


def test_the_defaults_stand_where_nothing_is_set(tmp_path):
    settings = read(tmp_path)
    assert settings.root == tmp_path
    assert settings.debug is False
    assert settings.secret_key == "a secret"
    assert settings.allowed_hosts == ["example.com", "www.example.com"]
    assert settings.notes_per_page == 20
    assert settings.ports == (80, 443)


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("NOTES_PER_PAGE", "7", 7),
        ("NOTES_PER_PAGE", " -7 ", -7),
        ("RATIO", "2.5", 2.5),
        ("RATIO", "2", 2.0),
        ("GREETING", "", ""),
        ("GREETING", " a b ", " a b "),
        ("BETA", "1", True),
        ("BETA", "Yes", True),
        ("BETA", "on", True),
        ("BETA", "TRUE", True),
        ("BETA", "0", False),
        ("BETA", "off", False),
        ("BETA", "", False),
        ("ADMINS", "ada, grace ,", ["ada", "grace"]),
        ("ADMINS", "", []),
        ("PORTS", "1,2", (1, 2)),
        ("SENDER", "a@example.com", "a@example.com"),
        ("SENDER", "", None),
    ],
)
def test_text_becomes_the_declared_type(tmp_path, variable, text, value):
    found = getattr(read(tmp_path, **{variable: text}), variable.lower())
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("NOTES_PER_PAGE", "many", "NOTES_PER_PAGE is wrong: 'many' is not a valid int."),
        ("NOTES_PER_PAGE", "", "NOTES_PER_PAGE is wrong: '' is not a valid int."),
        ("RATIO", "half", "RATIO is wrong: 'half' is not a valid float."),
        ("BETA", "maybe", "BETA is wrong: 'maybe' is not a valid bool (1, true, yes, on, or 0, "),
        ("PORTS", "80,x", "PORTS is wrong: '80,x' is not a valid list of int, with commas."),
    ],
)
def test_a_wrong_value_is_told_with_the_type_that_fits(tmp_path, variable, text, message):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, **{variable: text})
    assert str(caught.value).startswith(message)


def test_all_mistakes_come_in_one_error(in_process, tmp_path):
    (tmp_path / ".env").write_text("DEBUG=1\nwhat is this\nNOTES_PER_PAGE=many\n")
    with pytest.raises(SettingsError) as caught:
        in_process()
    mistakes = [re.split(": | -> ", problem)[0] for problem in caught.value.problems]
    assert [mistake.rpartition("/")[2] for mistake in mistakes] == [
        ".env:1",
        ".env:2",
        SECRET_KEY_MISSING.partition(" -> ")[0],
        "ALLOWED_HOSTS is not set.",
        "NOTES_PER_PAGE is wrong",
    ]


@pytest.fixture
def in_process(tmp_path, monkeypatch):
    """Reads the process environment and .env, where nothing else has set anything."""
    for name in (*NEEDED, "DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def read_all(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return SiteSettings.from_environment(tmp_path)

    return read_all


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_value_of_what_protects_is_a_missing_one(tmp_path, name, text):
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        read(tmp_path, **{name: text})


def test_a_setting_of_ones_own_without_a_default_is_required(tmp_path):
    class Strict(Settings):
        mail_host: str

    with pytest.raises(SettingsError, match=r"MAIL_HOST is not set. -> export MAIL_HOST=..."):
        Strict.from_environment(tmp_path, NEEDED)


def test_while_developing_no_hosts_need_to_be_named(tmp_path):
    settings = SiteSettings.from_environment(tmp_path, {"SECRET_KEY": "x", "DEBUG": "1"})
    assert settings.debug
    assert settings.allowed_hosts == []


def test_the_environment_wins_over_the_file(in_process, tmp_path):
    (tmp_path / ".env").write_text("SECRET_KEY=file\nALLOWED_HOSTS=file.test\nGREETING=Hi\n")
    settings = in_process(GREETING="Hey")
    assert (settings.secret_key, settings.greeting) == ("file", "Hey")


def test_the_environment_alone_is_enough(in_process):
    assert in_process(**NEEDED).secret_key == "a secret"


def test_the_file_is_taken_word_for_word(in_process, tmp_path):
    (tmp_path / ".env").write_text(
        "# comment\n\nexport SECRET_KEY='a$b${HOME}#c'  # mine\nALLOWED_HOSTS=\"a.test\"\n"
        "GREETING=Grüße, world\n",
        encoding="utf-8",
    )
    settings = in_process()
    assert settings.secret_key == "a$b${HOME}#c"
    assert settings.greeting == "Grüße, world"


@pytest.mark.parametrize("line", ["what is this", "=5", "SECRET_KEY", '"open', "A B=1"])
def test_a_line_that_is_no_setting_is_told_with_its_place(in_process, tmp_path, line):
    (tmp_path / ".env").write_text(f"GREETING=Hi\n{line}\n")
    with pytest.raises(SettingsError, match=r"\.env:2: this line is not NAME=value"):
        in_process(**NEEDED)


@pytest.mark.parametrize("content", [b"GREETING=\xff\xfe\n", b"\xff\xfeG\x00"])
def test_a_file_that_is_no_utf8_is_told_and_never_guessed(in_process, tmp_path, content):
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(SettingsError, match=r"\.env can't be read: .+ -> save it as UTF-8$"):
        in_process(**NEEDED)


def test_a_file_that_cannot_be_read_is_told_alone(in_process, tmp_path):
    (tmp_path / ".env").write_bytes(b"SECRET_KEY=\xff\nALLOWED_HOSTS=a.test\n")
    with pytest.raises(SettingsError) as caught:
        in_process()
    (problem,) = caught.value.problems
    assert ".env can't be read" in problem


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_of_another_user_is_told_with_its_cure(in_process, tmp_path):
    (tmp_path / ".env").write_text("SECRET_KEY=x\n")
    (tmp_path / ".env").chmod(0)
    with pytest.raises(SettingsError, match=r"\.env can't be read: Permission denied\. -> let"):
        in_process()


def test_a_byte_order_mark_is_no_part_of_the_first_name(in_process, tmp_path):
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfSECRET_KEY=from a file\nALLOWED_HOSTS=a.test\n")
    assert in_process().secret_key == "from a file"


def test_a_directory_in_the_place_of_the_file_is_told(in_process, tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsError, match=r"\.env is a directory\. -> remove it \(rmdir \.env\)"):
        in_process(**NEEDED)


def test_a_link_to_nothing_in_the_place_of_the_file_is_told(in_process, tmp_path):
    (tmp_path / ".env").symlink_to("elsewhere")
    with pytest.raises(SettingsError, match=r"\.env is a link to a missing file"):
        in_process(**NEEDED)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize(
    ("make", "kind"),
    [(os.mkfifo, "a named pipe"), (lambda path: path.symlink_to("/dev/zero"), "a device")],
)
def test_what_never_ends_in_the_place_of_the_file_is_told(in_process, tmp_path, make, kind):
    make(tmp_path / ".env")
    with pytest.raises(SettingsError, match=rf"\.env is {kind}\. -> remove it \(rm \.env\)"):
        in_process(**NEEDED)


def test_a_file_that_is_mounted_away_is_an_empty_one(in_process, tmp_path):
    (tmp_path / ".env").symlink_to(os.devnull)
    assert in_process(**NEEDED).allowed_hosts == ["example.com", "www.example.com"]


def test_a_file_of_any_size_but_a_file_of_settings_is_told(in_process, tmp_path):
    with (tmp_path / ".env").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(SettingsError, match=r"\.env can't be read: it has more than .* bytes\. ->"):
        in_process(**NEEDED)


def test_lines_end_as_any_system_ends_them(in_process, tmp_path):
    (tmp_path / ".env").write_bytes(b'SECRET_KEY="a\r\nb"\r\nALLOWED_HOSTS=a.test\r\n')
    assert in_process().secret_key == "a\nb"


def test_debug_has_no_place_in_the_file(in_process, tmp_path):
    (tmp_path / ".env").write_text("DEBUG=0\n")
    with pytest.raises(SettingsError, match=r"\.env:1: DEBUG does not belong here"):
        in_process(**NEEDED)


def test_settings_can_not_be_changed(tmp_path):
    with pytest.raises(dataclasses.FrozenInstanceError):
        read(tmp_path).debug = True


def test_no_secret_shows_in_a_repr(tmp_path):
    shown = repr(read(tmp_path, API_KEY="hidden 1", PIN="4711", SECRET_KEY="hidden 2"))
    assert "hidden" not in shown
    assert "4711" not in shown
    assert "secret_key=..." in shown
    assert "notes_per_page=20" in shown


@pytest.mark.parametrize(
    "name",
    ["secret", "mail_password", "passwd", "api_key", "stripe_keys", "github_token", "sentry_dsn",
     "credentials", "private_pem"],
)  # fmt: skip
def test_a_secret_is_known_by_its_name(tmp_path, name):
    declared = type("Declared", (Settings,), {"__annotations__": {name: int}})
    with pytest.raises(SettingsError, match=r"its value \(a secret\) is not a valid int") as caught:
        declared.from_environment(tmp_path, {**NEEDED, name.upper(): "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_marked_secret_does_not_show_in_an_error(tmp_path):
    with pytest.raises(
        SettingsError, match=r"PIN is wrong: its value \(a secret\) is not a valid int"
    ):
        read(tmp_path, PIN="hunter2")


def test_the_value_of_a_secret_is_in_no_traceback(tmp_path):
    code = (
        "from pathlib import Path; from mtvgen.runtime import Settings\n"
        "class Site(Settings):\n    pin_token: int\n"
        "Site.from_environment(Path('.'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PIN_TOKEN": "hunter2", "SECRET_KEY": "hunter3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PIN_TOKEN is wrong" in done.stderr
    assert "hunter" not in done.stderr


@pytest.mark.parametrize("kind", ["dict[str, str]", "set[int]", "list", "int | str", "bytes",
                                  "tuple[int, int]", "list[list[int]]"])  # fmt: skip
def test_a_type_that_no_text_can_become_names_its_field(tmp_path, kind):
    declared = type("Declared", (Settings,), {"__annotations__": {"odd": kind}})
    with pytest.raises(TypeError, match=r"Declared.odd is .*: settings are bool, int, float"):
        declared.from_environment(tmp_path, {**NEEDED, "ODD": "x"})


def test_relative_paths_are_below_the_project(tmp_path):
    assert read(tmp_path).uploads == tmp_path / "uploads"
    assert read(tmp_path, UPLOADS="a/b").uploads == tmp_path / "a/b"
    assert read(tmp_path, UPLOADS="/srv/up").uploads == Path("/srv/up")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, "sqlite:///{root}/db.sqlite3"),
        ("sqlite:///data/x.db", "sqlite:///{root}/data/x.db"),
        ("sqlite+pysqlite:///x.db", "sqlite+pysqlite:///{root}/x.db"),
        ("sqlite:////var/x.db", "sqlite:////var/x.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite:///file:x?uri=true", "sqlite:///file:x?uri=true"),
        ("postgresql+psycopg://u:p@host/db", "postgresql+psycopg://u:p@host/db"),
        ("postgresql:///db", "postgresql:///db"),
    ],
)
def test_a_relative_sqlite_file_is_below_the_project(tmp_path, url, expected):
    variables = {} if url is None else {"DATABASE_URL": url}
    assert read(tmp_path, **variables).database_url == expected.format(root=tmp_path)


@pytest.mark.parametrize(
    "name",
    ["what?", "feature%2Flogin", "a%41b", "percent%20x", "100%", "C#", "a b", "中文", "a@b:c",
     "{{ x }}", "a?mode=ro", "?uri=true", "quote'\"s", "back\\slash", "file:x"],
)  # fmt: skip
@pytest.mark.parametrize("variables", [{}, {"DATABASE_URL": "sqlite:///data/x%20y.db"}])
def test_the_directory_of_the_project_may_be_called_anything(tmp_path, name, variables):
    root = tmp_path / name
    root.mkdir()
    url = read(root, **variables).database_url
    file = root / ("data/x y.db" if variables else "db.sqlite3")
    file.parent.mkdir(exist_ok=True)
    database = Database(url)
    assert database.file == file
    with database.engine.connect():
        assert file.is_file()
    database.close()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("variables", "zone"),
    [
        ({}, "UTC"),
        ({"TIME_ZONE": ""}, "UTC"),
        ({"TIME_ZONE": "Europe/Berlin"}, "Europe/Berlin"),
        ({"TIME_ZONE": "America/Argentina/Buenos_Aires"}, "America/Argentina/Buenos_Aires"),
    ],
)
def test_the_time_zone_is_a_name(tmp_path, variables, zone):
    assert read(tmp_path, **variables).time_zone == zone


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "Asia/Shangai",
            r"'Asia/Shangai' is not .+ Did you mean 'Asia/Shanghai'\? -> a",
        ),
        ("europe/berlin", r"Did you mean 'Europe/Berlin'\?"),
        ("+08:00", "is not a time zone"),
        ("../passwd", "is not a time zone"),
    ],
)
def test_a_time_zone_that_is_none_is_told_with_all_else(tmp_path, name, message):
    with pytest.raises(SettingsError, match=rf"^TIME_ZONE is wrong: .*{message}") as caught:
        read(tmp_path, TIME_ZONE=name)
    assert len(caught.value.problems) == 1
    with pytest.raises(ValueError, match=message), read(tmp_path).temporarily(time_zone=name):
        pass


def test_a_system_without_time_zones_is_told_what_to_install():
    code = (
        "import sys; sys.modules['tzdata'] = None\n"
        "from mtvgen.runtime.settings.time_zones import time_zone\n"
        "print(time_zone('UTC')); time_zone('Europe/Berlin')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "UTC\n"
    assert done.stderr.endswith("this system has no time zones. -> pip install tzdata\n")


def test_other_values_last_as_long_as_the_block(tmp_path):
    settings = read(tmp_path)
    usual = repr(settings)
    others = {"notes_per_page": 2, "sender": "a@b", "ratio": 1, "admins": ["Ada"], "ports": ()}
    with settings.temporarily(**others) as other:
        assert other is settings
        assert {name: getattr(settings, name) for name in others} == others
    assert repr(settings) == usual


def test_the_usual_values_come_back_after_an_error_too(tmp_path):
    settings = read(tmp_path)
    with pytest.raises(ZeroDivisionError), settings.temporarily(notes_per_page=0):
        1 / settings.notes_per_page
    assert settings.notes_per_page == 20


def test_other_values_may_stand_in_one_another(tmp_path):
    settings = read(tmp_path)
    with settings.temporarily(greeting="Hi"):
        with settings.temporarily(greeting="Ho", sender=None):
            assert settings.greeting == "Ho"
        assert settings.greeting == "Hi"


def test_another_path_is_below_the_project_too(tmp_path):
    settings = read(tmp_path)
    with settings.temporarily(uploads=Path("others")):
        assert settings.uploads == tmp_path / "others"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"upload": Path()}, r"SiteSettings has no setting 'upload'. Did you mean 'uploads'\?"),
        ({"from_environment": 1}, "SiteSettings has no setting 'from_environment'"),
        ({"uploads": "x"}, r"SiteSettings.uploads is Path, not str\."),
        ({"notes_per_page": "2"}, r"SiteSettings.notes_per_page is int, not str\."),
        ({"notes_per_page": True}, r"is int, not bool\."),
        ({"notes_per_page": None}, r"is int, not NoneType\."),
        ({"sender": 1}, r"SiteSettings.sender is str \| None, not int\."),
        ({"admins": "Ada"}, r"SiteSettings.admins is list\[str\], not str\."),
        ({"ports": (80, "81")}, r"SiteSettings.ports is tuple\[int, \.\.\.\], not tuple\."),
        ({"api_key": 1}, r"SiteSettings.api_key is str, not int\."),
    ],
)
def test_another_value_that_does_not_fit_is_refused_and_nothing_changes(tmp_path, values, message):
    settings = read(tmp_path)
    usual = repr(settings)
    with pytest.raises(TypeError, match=message), settings.temporarily(greeting="Hi", **values):
        pytest.fail("the block was entered")
    assert repr(settings) == usual


EXAMPLE = "SECRET_KEY=\nALLOWED_HOSTS=localhost\n"


@pytest.mark.skipif(os.name != "posix", reason="the line is for a POSIX shell")
@pytest.mark.parametrize(
    "files",
    [{".env.example": EXAMPLE}, {".env": EXAMPLE}, {".env": "ALLOWED_HOSTS=localhost"}],
    ids=["a clone", "a copy that is not filled in", "no line for the key"],
)
def test_the_line_that_is_advised_in_a_clone_is_enough_to_start(tmp_path, monkeypatch, files):
    for variable in NEEDED:
        monkeypatch.delenv(variable, raising=False)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError) as raised:
        SiteSettings.from_environment(tmp_path)

    cure = raised.value.problems[0].partition(" -> ")[2]
    assert cure.startswith("cp ") == (".env" not in files)
    shell = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", cure], cwd=tmp_path, env=shell, check=True)

    settings = SiteSettings.from_environment(tmp_path)
    assert len(settings.secret_key) > 60
    assert settings.allowed_hosts == ["localhost"]


def test_a_clone_is_told_that_the_example_has_the_hosts_too(tmp_path, monkeypatch):
    for variable in NEEDED:
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / ".env.example").write_text(EXAMPLE)
    with pytest.raises(
        SettingsError, match=r"ALLOWED_HOSTS is not set\. -> .*\.env\.example has it"
    ):
        SiteSettings.from_environment(tmp_path)


def test_a_variable_that_is_empty_goes_before_the_file_and_is_to_be_exported(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "")
    (tmp_path / ".env").write_text(EXAMPLE)
    with pytest.raises(SettingsError, match=r"-> export SECRET_KEY="):
        SiteSettings.from_environment(tmp_path)
