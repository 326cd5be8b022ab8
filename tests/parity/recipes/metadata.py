"""The RayJob's name (R1, R2)."""

from __future__ import annotations

from string import ascii_lowercase, digits

from tests.parity.draft import Draft
from tests.parity.recipe import breach, recipe

LABEL = ascii_lowercase + digits
NO_LABELS = ("", "7b", "-a", "a-", "Job", "a.b", "a_b", "a b", " a", "a\n", "ä" * 23, "a" * 46 + "-")


@recipe("name", breaks=(breach("R1"),))
def long_name(draft: Draft) -> None:
    draft.metadata["name"] = draft.pick("a" * 48, "b" * 63, "c" + draft.text(LABEL, 47, 62))


@recipe("name", breaks=(breach("R1"), breach("R2")))
def long_name_that_is_no_label(draft: Draft) -> None:
    draft.metadata["name"] = draft.pick("a" * 64, "A" * 48, "ä" * 24, "a" * 47 + "-", "a" * 47 + "\n", "a" * 300)


@recipe("name", breaks=(breach("R2"),))
def name_that_is_no_label(draft: Draft) -> None:
    draft.metadata["name"] = draft.pick(*NO_LABELS)


@recipe("name", breaks=(breach("R2"),))
def no_name(draft: Draft) -> None:
    draft.leave_out(draft.metadata, "name")


@recipe("name", "labels", "annotations", breaks=(breach("R2"),))
def no_metadata(draft: Draft) -> None:
    draft.leave_out(draft.job, "metadata", {})


@recipe("name")
def name_that_just_fits(draft: Draft) -> None:
    draft.metadata["name"] = draft.pick("a" * 47, "z", "a--b", "a-7", "x" + draft.text(LABEL, 0, 46))


@recipe("labels")
def labels_of_the_job(draft: Draft) -> None:
    draft.metadata["labels"] = draft.pick({}, {"team": "a"}, {"not a label!": "neither.."}, {"a": None})


@recipe("annotations.others")
def annotations_of_the_job(draft: Draft) -> None:
    draft.annotate(draft.pick("note", "ray.io/ft-enable", "Ray.io/ft-enabled"), draft.pick("", "true", "false"))
