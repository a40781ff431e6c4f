# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What a point tells beside the settings as they are, in plain words."""

from typing import NamedTuple


class Gain(NamedTuple):
    """Of so many true approaches, or breaches, that were told as set: how they are told at a point."""

    what: str  # such as "true approach"
    alerts: int
    alerts_as_set: int
    told_as_set: int
    lost: int = 0  # not told at all
    less: int = 0  # told, but not fully any more
    better: int = 0  # told, or told fully, for the first time

    @property
    def counts(self) -> str:
        """Such as `14 alerts; 25 true approaches told`."""
        return f"{counted(self.alerts, 'alert')}; {counted(self.told_as_set, self.what)} told"

    @property
    def words(self) -> str:
        """Such as `3 alerts instead of 14; no true approach lost (of 25)`."""
        beside = ", as before" if self.alerts == self.alerts_as_set else f" instead of {self.alerts_as_set}"
        lost = f"{counted(self.lost, self.what) if self.lost else f'no {self.what}'} lost (of {self.told_as_set})"
        more = [f"{self.less} told less well"] if self.less else []
        more += [f"{self.better} told better"] if self.better else []
        return "; ".join([f"{counted(self.alerts, 'alert')}{beside}", ", ".join([lost, *more])])


def counted(count: int, what: str) -> str:
    """`1 alert`, `2 alerts`, `2 breaches`."""
    plural = "" if count == 1 else "es" if what.endswith("ch") else "s"
    return f"{count} {what}{plural}"
