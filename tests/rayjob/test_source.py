import pytest

from webhook.rayjob.source import Source, is_local, parse


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("https://good.com", Source("https", "good.com", ())),
        ("https://good.com/", Source("https", "good.com", ())),
        ("HTTPS://Good.COM:443/A/b/", Source("https", "good.com", ("A", "b"))),
        ("http://good.com:80/a", Source("http", "good.com", ("a",))),
        ("http://good.com:443/a", Source("http", "good.com:443", ("a",))),
        ("https://good.com:8443/a", Source("https", "good.com:8443", ("a",))),
        ("https://good.com/a.zip?x=/../b#c", Source("https", "good.com", ("a.zip",))),
        ("https://good.com?x", Source("https", "good.com", ())),
        ("https://good.com@evil.com/a", Source("https", "good.com@evil.com", ("a",))),
        ("https://good.com./a", Source("https", "good.com.", ("a",))),
        ("s3://bucket/key.zip", Source("s3", "bucket", ("key.zip",))),
        ("abfss://box@account.example.com/a", Source("abfss", "box@account.example.com", ("a",))),
        ("https://[::1]:8080/a", Source("https", "[::1]:8080", ("a",))),
        ("https://good.com/a%20b", Source("https", "good.com", ("a%20b",))),
        ("file:///a/b", Source("file", "", ("a", "b"))),
        ("https://good.com/../evil", None),
        ("https://good.com/./a", None),
        ("https://good.com/%2e%2E/evil", None),
        ("https://good.com/a%2f..%2fevil", None),
        ("https://good.com/a%5cb", None),
        ("https://good.com//evil", None),
        ("https://good.com\\@evil.com", None),
        ("https://good.com\\.evil.com", None),
        ("https://good%2ecom/a", None),
        ("https://g\u043e\u043ed.com/a", None),
        ("https://good.com/ä", None),
        ("https://good.com/a b", None),
        (" https://good.com", None),
        ("https://good.com\n", None),
        ("https:/good.com", None),
        ("https:good.com", None),
        ("//good.com", None),
        ("good.com", None),
        ("", None),
    ],
)
def test_a_text_is_one_url_or_none(text, source):
    assert parse(text) == source


@pytest.mark.parametrize(
    ("text", "allowed", "below"),
    [
        ("https://good.com/a", "https://good.com", True),
        ("https://good.com/a/b", "https://good.com/a", True),
        ("https://good.com/a", "https://good.com/a/", True),
        ("https://good.com/ab", "https://good.com/a", False),
        ("https://good.com/A", "https://good.com/a", False),
        ("https://good.com", "https://good.com/a", False),
        ("http://good.com/a", "https://good.com", False),
        ("https://good.com.evil.com/a", "https://good.com", False),
        ("https://good.com@evil.com/a", "https://good.com", False),
        ("https://good.com:8443/a", "https://good.com", False),
        ("https://www.good.com/a", "https://good.com", False),
        ("s3://bucket/a", "s3://bucket", True),
        ("s3://bucket2/a", "s3://bucket", False),
    ],
)
def test_a_source_goes_on_at_borders_alone(text, allowed, below):
    found, beginning = parse(text), parse(allowed)

    assert found is not None
    assert beginning is not None
    assert found.is_below(beginning) is below


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("/app", True),
        ("./app.zip", True),
        ("a:b/c", False),
        ("", True),
        ("file:///a.zip", True),
        ("LOCAL:///a", True),
        ("https://good.com", False),
        ("https:/good.com", False),
        (" https://good.com", False),
        ("\thttps:/good.com", False),
        ("ht\ttps:/\n/good.com", False),
        ("/a/https://good.com", False),
        ("s3:x", False),
    ],
)
def test_a_path_is_local_and_a_hidden_url_is_not(text, local):
    assert is_local(text) is local
