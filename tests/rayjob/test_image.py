import pytest

from webhook.rayjob.image import Image, Repositories, parse, parse_repositories

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("ray", Image("docker.io", "library/ray", None, None, short=True)),
        ("ray:2.52.0", Image("docker.io", "library/ray", "2.52.0", None, short=True)),
        ("rayproject/ray", Image("docker.io", "rayproject/ray", None, None, short=True)),
        ("docker.io/ray", Image("docker.io", "library/ray", None, None, short=False)),
        ("docker.io/rayproject/ray", Image("docker.io", "rayproject/ray", None, None, short=False)),
        ("index.docker.io/ray:1", Image("docker.io", "library/ray", "1", None, short=False)),
        ("DOCKER.IO/rayproject/ray", Image("docker.io", "rayproject/ray", None, None, short=False)),
        ("registry.example.com/ray", Image("registry.example.com", "ray", None, None, short=False)),
        ("Registry.Example.COM/ray", Image("registry.example.com", "ray", None, None, short=False)),
        ("registry.example.com:5000/a/b/ray:1", Image("registry.example.com:5000", "a/b/ray", "1", None, short=False)),
        ("registry:5000/ray", Image("registry:5000", "ray", None, None, short=False)),
        ("registry/ray", Image("docker.io", "registry/ray", None, None, short=True)),
        ("REGISTRY/ray", Image("registry", "ray", None, None, short=False)),
        ("localhost/ray", Image("localhost", "ray", None, None, short=False)),
        ("localhost:5000/ray", Image("localhost:5000", "ray", None, None, short=False)),
        ("localhost", Image("docker.io", "library/localhost", None, None, short=True)),
        ("registry.example.com", Image("docker.io", "library/registry.example.com", None, None, short=True)),
        ("registry.example.com:5000", Image("docker.io", "library/registry.example.com", "5000", None, short=True)),
        ("[2001:DB8::1]:5000/ray:1", Image("[2001:db8::1]:5000", "ray", "1", None, short=False)),
        ("[::1]/ray", Image("[::1]", "ray", None, None, short=False)),
        ("127.0.0.1:5000/ray", Image("127.0.0.1:5000", "ray", None, None, short=False)),
        (f"ray@{DIGEST}", Image("docker.io", "library/ray", None, DIGEST, short=True)),
        (f"a/ray:latest@{DIGEST}", Image("docker.io", "a/ray", "latest", DIGEST, short=True)),
        (f"ray@sha384:{'a' * 96}", Image("docker.io", "library/ray", None, f"sha384:{'a' * 96}", short=True)),
        (f"ray@sha512:{'a' * 128}", Image("docker.io", "library/ray", None, f"sha512:{'a' * 128}", short=True)),
        ("a/ray:_Tag.1-x", Image("docker.io", "a/ray", "_Tag.1-x", None, short=True)),
        (f"a/ray:{'t' * 128}", Image("docker.io", "a/ray", "t" * 128, None, short=True)),
        ("a__b/r-----y/x_y.z", Image("docker.io", "a__b/r-----y/x_y.z", None, None, short=True)),
        ("sha256/ray:abc", Image("docker.io", "sha256/ray", "abc", None, short=True)),
        ("a" * 247, Image("docker.io", "library/" + "a" * 247, None, None, short=True)),
    ],
)
def test_an_image_is_read_as_container_runtimes_read_it(text, image):
    assert parse(text) == image
    assert image.name == f"{image.registry}/{image.repository}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/",
        " ray",
        "ray ",
        "ray\n",
        "ray:1\n",
        "a//ray",
        "/ray",
        "ray/",
        "a/../ray",
        "a/./ray",
        "Ray",
        "a/Ray",
        "registry.example.com/Ray",
        "ray:",
        "ray@",
        "ray:-1",
        f"ray:{'t' * 129}",
        "ray:tag/x",
        "ray:1:2",
        "registry.example.com:/ray",
        "registry.example.com:5000x/ray",
        "registry.example.com./ray",
        ".example.com/ray",
        "a_b.example.com/ray",
        "-registry.example.com/ray",
        "user@registry.example.com/ray",
        "https://registry.example.com/ray",
        "docker://ray",
        "registry.example.com%2fray",
        "registry.example.com\\ray",
        "registry.\u0435xample.com/ray",
        "registry.example.com\uff0fray",
        "r\u0430yproject/ray",
        "\u200bray",
        "[::1%25eth0]/ray",
        "[::ffff:127.0.0.1]/ray",
        "::1/ray",
        f"ray@{DIGEST[:-1]}",
        f"ray@{DIGEST}0",
        f"ray@{DIGEST.upper()}",
        f"ray@{DIGEST.replace('f', 'F')}",
        f"ray@md5:{'a' * 32}",
        f"ray@{DIGEST}:1",
        f"ray@{DIGEST}@{DIGEST}",
        DIGEST,
        "sha256:abc",
        "sha512:abc",
        "0123456789abcdef" * 4,
        "a" * 248,
        "a/" + "b" * 1023,
    ],
)
def test_what_a_container_runtime_refuses_or_takes_for_an_id_is_no_image(text):
    assert parse(text) is None


@pytest.mark.parametrize("part", ["a.", "a-", "a/", "_", "a:", "A", "@", "[", "a_b"])
def test_a_long_text_is_refused_at_once(part):
    assert parse(part * 1_000_000) is None
    assert parse_repositories(f"registry.example.com/{part * 1_000_000}") is None


@pytest.mark.parametrize(
    ("text", "repositories"),
    [
        ("docker.io", Repositories("docker.io", ())),
        ("index.docker.io", Repositories("docker.io", ())),
        ("docker.io/rayproject", Repositories("docker.io", ("rayproject",))),
        ("Registry.Example.com/a/b", Repositories("registry.example.com", ("a", "b"))),
        ("registry.example.com:5000", Repositories("registry.example.com:5000", ())),
        ("localhost", Repositories("localhost", ())),
        ("[::1]:5000/a", Repositories("[::1]:5000", ("a",))),
        ("registry:5000", Repositories("registry:5000", ())),
    ],
)
def test_repositories_are_named_by_their_registry(text, repositories):
    assert parse_repositories(text) == repositories


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rayproject",
        "rayproject/ray",
        "REGISTRY/ray",
        "registry.example.com/",
        "registry.example.com/a/",
        "registry.example.com//a",
        "registry.example.com/A",
        "registry.example.com/a:1",
        f"registry.example.com/a@{DIGEST}",
        "https://registry.example.com",
        "*.example.com",
        "registry.example.com ",
        "registry.example.com\n",
        ".",
    ],
)
def test_what_names_no_registry_names_no_repositories(text):
    assert parse_repositories(text) is None


@pytest.mark.parametrize(
    ("repositories", "image", "hold"),
    [
        ("registry.example.com", "registry.example.com/ray", True),
        ("registry.example.com", "REGISTRY.example.com/a/b/ray:1", True),
        ("registry.example.com", "registry.example.com.evil.io/ray", False),
        ("registry.example.com", "registry.example.com:5000/ray", False),
        ("registry.example.com", "registry.example.com:443/ray", False),
        ("registry.example.com:5000", "registry.example.com:5000/ray", True),
        ("registry.example.com:5000", "registry.example.com/ray", False),
        ("registry.example.com:5000", "registry.example.com:50000/ray", False),
        ("registry.example.com", "evil.io/registry.example.com/ray", False),
        ("registry.example.com", "registry.example.com", False),
        ("registry.example.com/team", "registry.example.com/team/ray", True),
        ("registry.example.com/team", "registry.example.com/team", True),
        ("registry.example.com/team", "registry.example.com/team-a/ray", False),
        ("registry.example.com/team", "registry.example.com/teams/ray", False),
        ("registry.example.com/team", "registry.example.com/a/team/ray", False),
        ("registry.example.com/team/ray", "registry.example.com/team", False),
        ("docker.io", "ray", True),
        ("docker.io/rayproject", "rayproject/ray", True),
        ("docker.io/library", "docker.io/ray", True),
        ("docker.io/ray", "ray", False),
        ("docker.io", "localhost/ray", False),
        ("docker.io", "REGISTRY/ray", False),
        ("[::1]", "[::1]/ray", True),
        ("[::1]", "[::1]:5000/ray", False),
        ("[::1]", "[0:0:0:0:0:0:0:1]/ray", False),
    ],
)
def test_repositories_hold_an_image_on_the_borders_of_components(repositories, image, hold):
    held, named = parse_repositories(repositories), parse(image)

    assert held is not None
    assert named is not None
    assert held.hold(named) is hold
    assert held.text == repositories
