"""The head group and the worker groups: containers, resources, labels (R36 to R41, R46 to R49)."""

from __future__ import annotations

from tests.parity.draft import Draft, Json, pod, start_params
from tests.parity.recipe import breach, recipe

HEAD = "spec.cluster.head"
GROUPS = "spec.cluster.groups"

BAD_KEYS = (
    "",
    "-a",
    "a-",
    "a b",
    "a/b/c",
    "/a",
    "a/",
    "A/b",
    "a..b/c",
    "-.a/b",
    "a" * 64,
    "a" * 254 + "/b",
    "ä",
    "a\n",
)
GOOD_KEYS = ("a", "A.b_c-d", "ray.io/zone", "0/0", "a" * 63, "a." * 126 + "b/" + "c" * 63)
BAD_VALUES = ("-a", "a-", "a b", "a/b", "a" * 64, "ä", "a\n", ".", "_")
GOOD_VALUES = ("", "a", "A.b_c-d", "0", "a" * 63)

PARAMS = ("num-cpus", "num-gpus", "memory", "resources")


@recipe(HEAD, breaks=(breach("R36"),))
def head_without_containers(draft: Draft) -> None:
    where = draft.pick("group", "template", "spec", "containers")
    if where == "group":
        draft.leave_out(draft.cluster, "headGroupSpec", {})
    elif where == "template":
        draft.leave_out(draft.head, "template", {})
    elif where == "spec":
        draft.leave_out(draft.head["template"], "spec", {})
    else:
        draft.leave_out(draft.head_pod, "containers", [])


@recipe(HEAD, "spec.cluster.network", breaks=(breach("R41"),))
def group_without_containers(draft: Draft) -> None:
    group = draft.group()
    what = draft.pick("containers", "template", "group")
    if what == "containers":
        draft.leave_out(pod(group), "containers", [])
    elif what == "template":
        draft.leave_out(group, "template", {}, {"spec": None})
    else:
        draft.cluster["workerGroupSpecs"].append(None)


@recipe(f"{HEAD}.resources", f"{HEAD}.params.amounts", breaks=(breach("R37", since=5),))
def head_resources_set_twice(draft: Draft) -> None:
    set_resources_twice(draft, draft.head)


@recipe(f"{GROUPS}.resources", breaks=(breach("R46", since=5),))
def group_resources_set_twice(draft: Draft) -> None:
    set_resources_twice(draft, draft.group())


def set_resources_twice(draft: Draft, group: Json) -> None:
    """Says twice what Ray may schedule on a group."""
    group["resources"] = draft.pick({"CPU": "4"}, {"": ""}, {"x": None})
    start_params(group).update(dict.fromkeys(draft.some(*PARAMS), draft.pick("0", "4", " ", '{"a": 1}')))


@recipe(f"{HEAD}.resources", f"{HEAD}.params.amounts")
def head_resources(draft: Draft) -> None:
    set_resources_once(draft, draft.head)


@recipe(f"{GROUPS}.resources")
def group_resources(draft: Draft) -> None:
    set_resources_once(draft, draft.group())


def set_resources_once(draft: Draft, group: Json) -> None:
    """Says once what Ray may schedule on a group; empty texts, unknown options and empty maps say nothing."""
    if draft.sometimes():
        draft.leave_out(group, "resources", {})
        start_params(group).update(dict.fromkeys(draft.some(*PARAMS), "2"))
    else:
        group["resources"] = {"CPU": "4", "GPU": "0"}
        start_params(group).update({name: draft.pick("", None) for name in draft.some(*PARAMS)})
        start_params(group)["num_cpus"] = "4"


@recipe(f"{HEAD}.params.labels", breaks=(breach("R38", since=5),))
def labels_among_the_heads_params(draft: Draft) -> None:
    start_params(draft.head)["labels"] = draft.pick("", "zone=a", "{}")


@recipe(f"{GROUPS}.params", breaks=(breach("R47", since=5),))
def labels_among_a_groups_params(draft: Draft) -> None:
    start_params(draft.group())["labels"] = draft.pick("", "zone=a", "{}")


@recipe(f"{HEAD}.params.others")
def any_other_params(draft: Draft) -> None:
    start_params(draft.head).update({"Labels": "a", "label": "b", "port": ""})


@recipe(f"{HEAD}.labels", breaks=(breach("R39", since=5),))
def head_label_with_a_bad_key(draft: Draft) -> None:
    draft.head["labels"] = {"zone": "a", draft.pick(*BAD_KEYS): draft.pick(*GOOD_VALUES)}


@recipe(f"{HEAD}.labels", breaks=(breach("R40", since=5),))
def head_label_with_a_bad_value(draft: Draft) -> None:
    draft.head["labels"] = {draft.pick(*GOOD_KEYS): draft.pick(*BAD_VALUES), "zone": "a"}


@recipe(f"{HEAD}.labels")
def head_labels(draft: Draft) -> None:
    draft.head["labels"] = {key: draft.pick(*GOOD_VALUES, None) for key in draft.some(*GOOD_KEYS)}


@recipe(f"{GROUPS}.labels", breaks=(breach("R48", since=5),))
def group_label_with_a_bad_key(draft: Draft) -> None:
    draft.group(labels={draft.pick(*GOOD_KEYS): "", draft.pick(*BAD_KEYS): draft.pick(*GOOD_VALUES)})


@recipe(f"{GROUPS}.labels", breaks=(breach("R49", since=5),))
def group_label_with_a_bad_value(draft: Draft) -> None:
    draft.group(labels={draft.pick(*GOOD_KEYS): draft.pick(*BAD_VALUES)})


@recipe(f"{GROUPS}.labels", breaks=(breach("R48", since=5), breach("R49", since=5)))
def group_label_with_a_bad_key_and_a_bad_value(draft: Draft) -> None:
    draft.group(labels={draft.pick(*BAD_KEYS): draft.pick(*BAD_VALUES)})


@recipe(f"{GROUPS}.labels")
def group_labels(draft: Draft) -> None:
    draft.group(labels={key: draft.pick(*GOOD_VALUES) for key in draft.some(*GOOD_KEYS)})
