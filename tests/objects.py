"""RayJobs nobody thought of: hypothesis strategies that follow the model, and lapse now and then."""

from typing import Any, cast

from hypothesis import strategies as st

from webhook.rayjob import model
from webhook.rayjob.schema import Field, Kind, fields

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)

texts = st.sampled_from(
    [
        "",
        "a",
        "x.y",
        "default",
        "2Gi",
        "1e3",
        "K8sJobMode",
        "HTTPMode",
        "InteractiveMode",
        "pip: [a]",
        "- a",
        "a: [",
        "Never",
    ]
) | st.text(max_size=8)

# The fields that decide most; others are drawn too, but seldom.
OFTEN = {
    model.RayJob: ("metadata", "spec"),
    model.RayJobSpec: (
        "entrypoint",
        "rayClusterSpec",
        "shutdownAfterJobFinishes",
        "ttlSecondsAfterFinished",
        "runtimeEnv",
        "runtimeEnvYAML",
        "clusterSelector",
        "deletionStrategy",
        "submissionMode",
        "suspend",
    ),
    model.ObjectMeta: ("name", "generateName", "namespace", "annotations"),
    model.RayClusterSpec: ("headGroupSpec", "workerGroupSpecs"),
    model.HeadGroupSpec: ("rayStartParams", "template"),
}


@st.composite
def values(draw: st.DrawFn, field: Field, lapses: bool, depth: int = 0) -> Any:
    """A value of a field; where `lapses`, one in twenty is null or anything at all."""
    if lapses and draw(st.integers(0, 19)) == 0:
        return draw(json_values)
    match field.kind:
        case Kind.OBJECT:
            return draw(objects(field.of, lapses, depth + 1))
        case Kind.MAP:
            element = values(cast("Field", field.element), lapses, depth)
            return draw(
                st.dictionaries(texts | st.just("dashboard-host") | st.just("ray.io/cluster"), element, max_size=2)
            )
        case Kind.LIST:
            return draw(st.lists(values(cast("Field", field.element), lapses, depth), max_size=2))
        case Kind.STRING if field.choices:
            return draw(st.sampled_from(field.choices))
        case Kind.STRING:
            return draw(texts)
        case Kind.INTEGER | Kind.INT_OR_STRING:
            return draw(st.sampled_from([-1, 0, 1, 600]) | st.integers(-(2**31), 2**31 - 1))
        case Kind.NUMBER | Kind.QUANTITY:
            return draw(st.integers(0, 8) | st.floats(0, 1e9))
        case Kind.BOOLEAN:
            return draw(st.booleans())
        case _:
            return draw(json_values)


@st.composite
def objects(draw: st.DrawFn, described: Any = model.RayJob, lapses: bool = True, depth: int = 0) -> Any:
    """An object of a TypedDict of the model."""
    known = fields(described)
    often = [known[name] for name in OFTEN.get(described, ())]
    seldom = [field for field in known.values() if field not in often]
    chosen = [field for field in often if draw(st.integers(0, 3))]
    if seldom and depth < 8:
        chosen += draw(st.lists(st.sampled_from(seldom), max_size=2, unique_by=lambda field: field.name))
    return {field.name: draw(values(field, lapses, depth)) for field in chosen}
