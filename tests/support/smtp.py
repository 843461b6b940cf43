"""A mail server on a free port of this machine, as far as smtplib asks for one (RFC 5321)."""

from __future__ import annotations

import base64
import queue
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Delivery:
    """One mail as it came in."""

    sender: str
    to: list[str]
    message: EmailMessage
    raw: bytes
    conversation: int
    is_encrypted: bool
    login: tuple[str, str] | None


@dataclass
class Behaviour:
    """What the server does and offers."""

    certificate: ssl.SSLContext | None = None
    is_encrypted_at_once: bool = False
    has_utf8: bool = True
    greeting: bytes | None = b"220 ready"  # None: the server accepts and says nothing
    refused: set[str] = field(default_factory=set)
    hangs_up_at_data: bool = False
    password: str | None = None


class MailServer(socketserver.ThreadingTCPServer):
    """A server, what it was sent (`mails`), and every line that a client said (`lines`)."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.behaviour = behaviour
        self.mails: queue.Queue[Delivery] = queue.Queue()
        self.lines: list[bytes] = []
        self.conversations = 0
        self.released = threading.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def next_mail(self) -> Delivery:
        return self.mails.get(timeout=20)


@contextmanager
def mail_server(**behaviour: object) -> Iterator[MailServer]:
    with MailServer(Behaviour(**behaviour)) as server:  # type: ignore[arg-type]  # by its fields
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


class _Conversation(socketserver.BaseRequestHandler):
    server: MailServer

    def handle(self) -> None:
        does = self.server.behaviour
        self.server.conversations += 1
        self.number = self.server.conversations
        self.is_encrypted, self.login = False, None
        try:
            if does.is_encrypted_at_once:
                self._encrypt()
            self._open()
            if does.greeting is None:
                self.server.released.wait()
                return
            self._say(does.greeting)
            if does.greeting.startswith(b"2"):
                self._talk()
        except OSError:
            pass  # a client that does not trust the certificate hangs up
        finally:
            self.request.close()

    def _encrypt(self) -> None:
        assert self.server.behaviour.certificate is not None
        self.request = self.server.behaviour.certificate.wrap_socket(self.request, server_side=True)
        self.is_encrypted = True

    def _open(self) -> None:
        self.file = self.request.makefile("rb")

    def _say(self, *lines: bytes) -> None:
        self.request.sendall(b"".join(line + b"\r\n" for line in lines))

    def _talk(self) -> None:
        sender, to = "", list[str]()
        while line := self.file.readline():
            self.server.lines.append(line)
            verb, _, rest = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                self._say(*self._extensions())
            elif verb == "STARTTLS":
                self._say(b"220 go on")
                self._encrypt()
                self._open()
            elif verb == "AUTH":
                _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                self.login = (user, password)
                is_right = password == self.server.behaviour.password
                self._say(b"235 welcome" if is_right else b"535 who are you?")
            elif verb == "MAIL":
                sender, to = _path(rest), []
                self._say(b"250 good")
            elif verb == "RCPT":
                if _path(rest) in self.server.behaviour.refused:
                    self._say(b"550 no such\x1b[2Juser")
                    continue
                to.append(_path(rest))
                self._say(b"250 good")
            elif verb == "DATA":
                if self.server.behaviour.hangs_up_at_data:
                    return
                self._say(b"354 go on")
                self._keep(sender, to)
                self._say(b"250 good")
            elif verb == "QUIT":
                self._say(b"221 bye")
                return
            else:
                self._say(b"250 good")

    def _extensions(self) -> list[bytes]:
        does = self.server.behaviour
        words = ["here", "8BITMIME"]
        words += ["SMTPUTF8"] if does.has_utf8 else []
        words += ["STARTTLS"] if does.certificate and not self.is_encrypted else []
        words += ["AUTH PLAIN"] if does.password is not None else []
        return [f"250-{word}".encode() for word in words[:-1]] + [f"250 {words[-1]}".encode()]

    def _keep(self, sender: str, to: list[str]) -> None:
        lines = iter(self.file.readline, b".\r\n")
        # A line that begins with a dot was sent with a second one.
        raw = b"".join(line.removeprefix(b".") for line in lines)
        message = message_from_bytes(raw, policy=policy.default)
        self.server.mails.put(
            Delivery(sender, to, message, raw, self.number, self.is_encrypted, self.login)
        )


def _path(argument: str) -> str:
    return argument[argument.index("<") + 1 : argument.index(">")]
