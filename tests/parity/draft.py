"""A RayJob in the making, with the chance that decides what no recipe prescribes."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Json: TypeAlias = dict[str, Any]


class Draft:
    """The smallest RayJob that KubeRay's operator takes, its parts at hand for recipes to change them."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.head_container: Json = {"name": "ray-head"}
        self.head_pod: Json = {"containers": [self.head_container]}
        self.head: Json = {"template": {"spec": self.head_pod}}
        self.cluster: Json = {"headGroupSpec": self.head}
        self.spec: Json = {
            "entrypoint": self.pick("python train.py", "x", "sleep 1 && python -c 'print(1)'"),
            "rayClusterSpec": self.cluster,
        }
        self.metadata: Json = {"name": self.pick("job", "train-7b", "n" * 47, "a", "tune--x")}
        self.job: Json = {"metadata": self.metadata, "spec": self.spec}
        if self.sometimes():
            self.head["rayStartParams"] = self.pick({}, {"block": "true"})
        for _ in range(self.pick(0, 0, 1, 2)):
            self.group()

    def pick(self, *choices: T) -> T:
        """One of the choices."""
        return self.chance.choice(choices)

    def some(self, *choices: T) -> Sequence[T]:
        """One or more of the choices, in any order."""
        return self.chance.sample(choices, self.chance.randint(1, len(choices)))

    def sometimes(self) -> bool:
        """True as often as not."""
        return self.chance.random() < 0.5

    def seconds(self) -> int:
        """A number of seconds above 0, the largest one among them."""
        return self.pick(1, 60, 3600, 2**31 - 1)

    def below_zero(self) -> int:
        """A number below 0, the smallest one among them."""
        return self.pick(-1, -60, -(2**31))

    def text(self, letters: str, shortest: int, longest: int) -> str:
        """A text of so many of these letters."""
        return "".join(self.chance.choices(letters, k=self.chance.randint(shortest, longest)))

    def leave_out(self, holder: Json, field: str, *alternatives: object) -> None:
        """Makes a field absent, or null, or one of the alternatives, where they mean the same."""
        holder.pop(field, None)
        choice = self.chance.randrange(2 + len(alternatives))
        if choice:
            holder[field] = (None, *alternatives)[choice - 1]

    def annotate(self, key: str, value: str | None) -> None:
        """Gives the RayJob an annotation."""
        self.metadata.setdefault("annotations", {})[key] = value

    def options(self, name: str) -> Json:
        """One of the options of the RayCluster, an empty object at first."""
        options: Json = self.cluster.setdefault(name, {})
        return options

    def add(self, holder: Json, field: str, item: Json) -> None:
        """Puts an item anywhere into a list."""
        items = holder.setdefault(field, [])
        items.insert(self.chance.randint(0, len(items)), item)

    def head_variables(self, *variables: Json) -> None:
        """Gives the Ray container of the head these environment variables, in this order."""
        self.head_container.setdefault("env", []).extend(variables)

    def variable(self, name: str) -> Json:
        """An environment variable of this name: its value is given, empty, missing, or read from elsewhere."""
        elsewhere = {"secretKeyRef": {"name": "s", "key": "k"}}
        said: Json = self.pick({"value": "x"}, {"value": ""}, {}, {"value": None}, {"valueFrom": elsewhere})
        return {"name": name} | said

    def group(self, **fields: object) -> Json:
        """A new worker group, anywhere among the others, sound but for the given fields."""
        groups = self.cluster.setdefault("workerGroupSpecs", [])
        made: Json = {
            "groupName": f"group-{len(groups)}",
            "replicas": 1,
            "minReplicas": self.pick(0, 1, 2),
            "maxReplicas": self.pick(2, 3, 2**31 - 1),
            "template": {"spec": {"containers": [{"name": "ray-worker"}]}},
        } | fields
        groups.insert(self.chance.randint(0, len(groups)), made)
        return made


def start_params(group: Json) -> Json:
    """What a group, the head's or a worker group, says to ``ray start``."""
    if group.get("rayStartParams") is None:
        group["rayStartParams"] = {}
    params: Json = group["rayStartParams"]
    return params


def pod(group: Json) -> Json:
    """The spec of a worker group's pods."""
    spec: Json = group["template"]["spec"]
    return spec


def container(group: Json) -> Json:
    """The Ray container of a worker group."""
    first: Json = pod(group)["containers"][0]
    return first
