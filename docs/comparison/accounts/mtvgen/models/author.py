from mtvgen.runtime.models import Model
from sqlalchemy.orm import Mapped, mapped_column


class Author(Model):
    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
