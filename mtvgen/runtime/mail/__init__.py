"""Mail: written by views, sent after the commit (docs/howto/mail.md, and no page of the manual)."""

from mtvgen.runtime.mail.delivery import MailError
from mtvgen.runtime.mail.mailer import Mailer, send, send_now
from mtvgen.runtime.mail.messages import Mail

__all__ = ["Mail", "MailError", "Mailer", "send", "send_now"]
