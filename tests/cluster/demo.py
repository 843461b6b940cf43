"""A site on two gunicorns behind nginx on one PostgreSQL, and what becomes of it when things end.

    python tests/cluster/demo.py

Needs nginx and PostgreSQL (apt-get install nginx postgresql) and the `dev` extra.
It runs the configuration that docs/deployment.md shows, on loopback, and leaves nothing behind.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.cluster.machines import Cluster, cluster, finished, why_not
from tests.cluster.visitors import Seen, visitors

SECONDS = 3.0  # of visitors before, between and after what happens
NEW_MIGRATION = '''
"""A second table, which the new version of the site brings."""

from alembic import op
import sqlalchemy as sa

revision = "0002_tag"
down_revision = "0001_notes"


def upgrade() -> None:
    op.create_table("tag", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("tag")
'''


def migrate_twice_at_once(site: Cluster) -> list[str]:
    """What two commands said that were started at the same time."""
    return [finished(process) for process in [site.start_migrating(), site.start_migrating()]]


def kill_one(site: Cluster) -> None:
    """One of the two dies, and comes back."""
    time.sleep(SECONDS)
    site.kill_gunicorn(1)
    time.sleep(SECONDS)
    site.start_gunicorn(1)
    time.sleep(SECONDS)


def deploy(site: Cluster) -> None:
    """A new version: migrations first, then the workers of each gunicorn in turn."""
    time.sleep(SECONDS / 2)
    (site.root / "migrations" / "0002_tag.py").write_text(NEW_MIGRATION, encoding="utf-8")
    views = site.root / "views" / "visits.py"
    views.write_text(views.read_text().replace("first version", "second version"))
    site.migrate()
    site.reload(0)
    site.reload(1)
    time.sleep(SECONDS / 2)


def visited(site: Cluster, happening: Callable[[Cluster], None]) -> Seen:
    """What 16 visitors saw while something happened."""
    with visitors(site.port) as seen:
        happening(site)
    return seen


def kept(site: Cluster) -> Counter[str]:
    """How often each note is in the database."""
    return noted(site.database.url)


def noted(url: str) -> Counter[str]:
    """How often each note is in a PostgreSQL database."""
    import psycopg

    with psycopg.connect(url) as connection:
        return Counter(text for (text,) in connection.execute("SELECT text FROM note"))


def missing(site: Cluster, seen: Seen) -> list[str]:
    """The acknowledged notes that are not there exactly once, and any that is there twice."""
    return amiss(kept(site), seen)


def amiss(notes: Counter[str], seen: Seen) -> list[str]:
    """The same for the notes of any database."""
    return [text for text in seen.acknowledged if notes[text] != 1] + [
        text for text in seen.sent if notes[text] > 1
    ]


def main() -> int:
    """Show it; 0 where all went as docs/deployment.md says."""
    if reason := why_not():
        print(reason)
        return 1
    with cluster() as site:
        print("Two `mtvgen migrate` at once:")
        for said in migrate_twice_at_once(site):
            print("   ", said.strip().splitlines()[-1])
        site.start_gunicorn(0)
        site.start_gunicorn(1)
        site.start_nginx()
        print(f"Two gunicorns behind nginx: http://localhost:{site.port}/\n")
        killed = visited(site, kill_one)
        report("One of the two is killed and comes back", killed, site)
        deployed = visited(site, deploy)
        report("A new version, by HUP", deployed, site)
        wrong = missing(site, killed) or missing(site, deployed) or killed.lost or deployed.lost
        return 1 if wrong or deployed.failed else 0


def report(title: str, seen: Seen, site: Cluster) -> None:
    print(f"{title}:")
    print(f"    {seen.answers} answers, {len(seen.failed)} failed requests")
    for what, count in Counter(seen.failed).most_common(5):
        print(f"        {count} x {what}")
    print(f"    {len(seen.acknowledged)} notes acknowledged, {len(missing(site, seen))} amiss")
    print(f"    {len(seen.lost)} sessions or messages lost; versions: {sorted(seen.versions)}\n")


if __name__ == "__main__":
    sys.exit(main())
