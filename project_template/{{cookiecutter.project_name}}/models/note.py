"""The example's table."""

from datetime import datetime

from mtvgen.runtime.models import Model
from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column


class Note(Model):
    """A line of text that somebody left."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    created: Mapped[datetime] = mapped_column(server_default=func.now())
