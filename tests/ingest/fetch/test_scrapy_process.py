import errno
import gzip
import io
import os
import signal
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import brotli
import numpy as np
import pytest
from backports import zstd
from PIL import Image
from scrapy.http import HtmlResponse
from tests.ingest import forked
from tests.ingest import site as sites

from sketch2color import imaging
from sketch2color.config.source import Gallery, Urls
from sketch2color.errors import UserError
from sketch2color.ingest.fetch import scrapy_process
from sketch2color.ingest.fetch.crawl import __main__ as crawl_process
from sketch2color.ingest.fetch.crawl import middlewares, page_links, spiders, store
from sketch2color.ingest.fetch.crawl.middlewares import MAX_WAIT, retry_after
from sketch2color.ingest.fetch.source_file import SourceFile

pytestmark = pytest.mark.slow

HTML = b"<!DOCTYPE html><title>Sign in</title>"
SECONDS = 2.0
MEGABYTES = 1.0
RATE = 200.0


@pytest.fixture(scope="module", autouse=True)
def quick_crawl():
    """Fork the crawl process, which starts at once, shorten its pauses, and leave out proxies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scrapy_process, "subprocess", SimpleNamespace(Popen=forked.Crawl, PIPE=subprocess.PIPE))
        patch.setattr(middlewares, "BACK_OFF", 0.02)
        patch.setattr(crawl_process, "LOCK_TIMEOUT", 0.2)
        for name in list(os.environ):
            if name.lower().endswith("_proxy"):
                patch.delenv(name)
        yield


@pytest.fixture
def site():
    with sites.serve() as site:
        yield site


def small_image(number):
    rng = np.random.default_rng(number)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (9, 11, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def policy(*allowed, rate=0.0, connections=8, seconds=5.0, megabytes=MEGABYTES):
    return {
        "contact": "mailto:draw@example.org",
        "requests_per_second": rate,
        "connections": connections,
        "seconds": seconds,
        "megabytes": megabytes,
    } | ({"allow_private": allowed} if allowed else {})


def gallery(site, **more):
    known = {
        "start": {"sketch": (f"{site.address}/sketch",), "color": (f"{site.address}/color",)},
        "image": "img",
        "next": None,
        "detail": None,
        "pages": 100,
        "images": 1000,
    } | policy(site.host)
    return Gallery(**(known | more))


def urls(tmp_path, addresses, **more):
    path = tmp_path / "list.csv"
    path.write_text("url,domain\n" + "".join(f'"{address}",sketch\n' for address in addresses), "utf-8")
    return Urls(path=path, **policy(*more.pop("allowed", ()), **more))


def gather(origin, downloads):
    """The entries, each with its bytes."""
    return [
        (entry, b"" if entry.problem else entry.read())
        for entry in scrapy_process.list_files(origin, downloads)
    ]


def problems(found):
    return {entry.path.rpartition("/")[2]: entry.problem for entry, _ in found if entry.problem}


@dataclass
class Crawl:
    site: sites.Site
    elsewhere: sites.Site
    other_host: sites.Site
    good: dict[str, bytes]
    origin: Gallery
    downloads: Path
    found: list[tuple[SourceFile, bytes]]


FAULTS = {
    "missing.png": "404 Not Found",
    "gone.png": "410 Gone",
    "forbidden.png": "403 Forbidden",
    "always500.png": "500 Internal Server Error, 4 times",
    "wait-long.png": "429 Too Many Requests: asks to wait 7,200 s",
    "slow.png": "took longer than 2 s",
    "truncated.png": "connection closed early: fewer bytes than announced, 4 times",
    "silent.png": "the host closed the connection, 4 times",
    "page.jpg": "a web page, not an image (called image/jpeg)",
    "nothing.png": "empty",
    "loop.png": "max redirections reached",
    "inside.png": "robots.txt cannot be fetched: 127.0.0.1, a private address: not allowed",
    "file.png": "redirects to no http(s) URL",
    "private.png": "robots.txt forbids it",
    "huge.png": "larger than 1 MB",
    "huge-unannounced.png": "larger than 1 MB",
    "gzip-bomb.png": "larger than 1 MB",
    "broken-gzip.png": "its compression is damaged",
    "no-brotli.png": "its compression is damaged",
}
ASKED_AGAIN = {
    "always500.png",
    "slow.png",
    "truncated.png",
    "silent.png",
    "huge.png",
    "huge-unannounced.png",
    "gzip-bomb.png",
    "broken-gzip.png",
    "no-brotli.png",
    "loop.png",
    "inside.png",
    "file.png",
}


def build(site, elsewhere, other_host):
    """Twelve pages of twenty images, and one of all faults; return the good images by address."""
    good = {}
    for domain, first in (("sketch", 0), ("color", 1000)):
        for number in range(6):
            shown = []
            for place in range(20):
                content = small_image(first + number * 20 + place)
                address = site.add(f"/{domain}/{number}-{place}.png", sites.body(content))
                good[address] = content
                shown.append(f'<img src="/{domain}/{number}-{place}.png">')
            onward = f'<a rel="next" href="/{domain}{number + 1}">next</a>' if number < 5 else ""
            if (domain, number) == ("color", 5):
                onward = '<a rel="next" href="/faults">next</a>'
            site.add(f"/{domain}{number or ''}", sites.page("".join(shown) + onward))
    good |= add_odd(site)
    add_faults(site, elsewhere)
    impatient = other_host.add("/wait-long.png", sites.status(429, Retry_After="7200"))
    names = [*(name for name in FAULTS if name != "wait-long.png"), *(a.rpartition("/")[2] for a in good
             if "odd" in a)]  # fmt: skip
    shown = [f'<img src="/odd/{name}">' for name in names]
    site.add("/faults", sites.page("".join([*shown, f'<img src="{impatient}">'])))
    site.add("/robots.txt", sites.body(b"User-agent: *\nDisallow: /odd/private", "text/plain"))
    return good


def add_odd(site):
    """Good images that arrive in an odd way."""
    first = small_image(0)
    odd = {
        "flaky.png": (small_image(2001), lambda body: sites.in_turn(sites.status(500), body)),
        "late.png": (
            small_image(2005), lambda body: sites.in_turn(sites.status(429, Retry_After="1"), body)),
        "moved.png": (small_image(2002), lambda body: sites.redirect("/odd/here/moved.png")),
        "twin.png": (first, lambda body: body),
        "ölskizze größe 1.png": (small_image(2003), lambda body: body),
        "zipped.png": (small_image(2004), lambda body: sites.body(
            gzip.compress(small_image(2004)), Content_Encoding="gzip")),
        "bomb.png": (decompression_bomb(), lambda body: body),
    }  # fmt: skip
    for name, (content, answer) in odd.items():
        site.add(f"/odd/{name}", answer(sites.body(content)))
    site.add("/odd/here/moved.png", sites.body(odd["moved.png"][0]))
    return {f"{site.address}/odd/{name}": content for name, (content, _) in odd.items()}


def add_faults(site, elsewhere):
    answers = {
        "gone.png": sites.status(410),
        "forbidden.png": sites.status(403),
        "always500.png": sites.status(500),
        "slow.png": sites.dripping(bytes(100), 0.1),
        "truncated.png": sites.truncated(small_image(1)[:50], 500),
        "silent.png": sites.hang_up,
        "page.jpg": sites.body(HTML, "image/jpeg"),
        "nothing.png": sites.body(b""),
        "loop.png": sites.redirect("/odd/loop.png"),
        "inside.png": sites.redirect(elsewhere.add("/secret.png", sites.body(small_image(3)))),
        "file.png": sites.redirect("file:///etc/passwd"),
        "private.png": sites.body(small_image(4)),
        "huge.png": sites.huge(200_000_000, announced=True),
        "huge-unannounced.png": sites.huge(200_000_000, announced=False),
        "gzip-bomb.png": sites.body(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"),
        "broken-gzip.png": sites.body(b"no gzip at all", Content_Encoding="gzip"),
        "no-brotli.png": sites.body(small_image(5), Content_Encoding="br"),
    }
    for name, answer in answers.items():
        site.add(f"/odd/{name}", answer)


def decompression_bomb():
    """A PNG of 30000 × 30000 pixels in a few bytes, as its header says."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    side = (30_000).to_bytes(4, "big")
    header = chunk(b"IHDR", side + side + bytes([8, 2, 0, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    downloads = tmp_path_factory.mktemp("crawl") / "downloads"
    with sites.serve() as site, sites.serve() as elsewhere, sites.serve() as other_host:
        # By this name it is another host, with a rate and pauses of its own.
        other_host.address = other_host.address.replace("127.0.0.1", "localhost")
        good = build(site, elsewhere, other_host)
        origin = gallery(
            site,
            next="a[rel=next]",
            **policy(site.host, "localhost", rate=RATE, seconds=SECONDS),
        )
        yield Crawl(site, elsewhere, other_host, good, origin, downloads, gather(origin, downloads))


def test_every_good_image_is_kept_with_its_bytes(crawl):
    assert {entry.path: content for entry, content in crawl.found if not entry.problem} == crawl.good


def test_every_bad_one_is_listed_with_its_own_reason(crawl):
    assert problems(crawl.found) == FAULTS


def test_images_come_in_the_order_of_the_pages_and_know_theirs(crawl):
    paths = [entry.path for entry, _ in crawl.found]
    expected = [address for address in crawl.good if "/sketch/" in address or "/color/" in address]
    assert paths[: len(expected)] == expected
    entry = crawl.found[139][0]
    assert (entry.domain, entry.facts) == ("color", {"page": f"{crawl.site.address}/color"})


def test_a_decompression_bomb_arrives_and_is_refused_unpacked(crawl):
    with pytest.raises(imaging.ImageError, match="pixels"):
        imaging.read(next(content for entry, content in crawl.found if "bomb" in entry.path and content))


def test_nothing_is_asked_for_twice_but_what_may_get_better(crawl):
    again = {"/odd/always500.png": 4, "/odd/truncated.png": 4, "/odd/silent.png": 4, "/odd/loop.png": 6,
             "/odd/flaky.png": 2, "/odd/late.png": 2}  # fmt: skip
    more = {path: times for path, times in crawl.site.times().items() if times > 1}
    assert more == again


def test_robots_txt_is_read_once_and_obeyed(crawl):
    assert crawl.site.log[0].path == "/robots.txt"
    assert crawl.site.times()["/robots.txt"] == 1
    assert "/odd/private.png" not in crawl.site.times()


def test_the_private_host_was_never_asked(crawl):
    assert crawl.elsewhere.log == []


def test_who_asks_says_so_and_tells_nothing_else(crawl):
    assert {asked.headers["User-Agent"].partition("/")[0] for asked in crawl.site.log} == {"sketch2color"}
    assert all(asked.headers["User-Agent"].endswith("(+mailto:draw@example.org)") for asked in crawl.site.log)
    assert not {name for asked in crawl.site.log for name in asked.headers} & {"Cookie", "Referer"}


def test_a_huge_body_is_hung_up_on_early(crawl):
    # What was on its way in the buffers between is sent too.
    sent = {asked.path: asked.sent for asked in crawl.site.log if "huge" in asked.path}
    assert len(sent) == 2
    assert max(sent.values()) < 20_000_000


def test_no_more_connections_than_allowed(crawl):
    assert crawl.site.busiest <= 8


def test_the_rate_holds(crawl):
    times = [asked.time for asked in crawl.site.log]
    assert times[-1] - times[0] > 0.9 * (len(times) - 1) / RATE


def test_a_host_that_asks_for_a_pause_gets_it(crawl):
    first = next(asked.time for asked in crawl.site.log if asked.path == "/odd/late.png")
    after = [asked.time for asked in crawl.site.log if asked.time >= first]
    # Those that were under way already may still come; then there is silence.
    assert max(late - early for early, late in pairwise(after)) > 0.8


def test_a_pause_may_be_given_as_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    assert 500 < retry_after(later.encode()) <= 600
    assert retry_after(b"9" * 400) > MAX_WAIT


def test_a_host_that_asks_for_too_long_a_pause_is_left_alone(crawl):
    assert [asked.path for asked in crawl.other_host.log] == ["/robots.txt", "/wait-long.png"]


def test_a_second_run_asks_only_for_what_may_be_better_now(crawl):
    before = len(crawl.site.log)
    again = gather(crawl.origin, crawl.downloads)
    first = [(entry.path, entry.problem, content) for entry, content in crawl.found]
    assert [(entry.path, entry.problem, content) for entry, content in again] == first
    assert {asked.path.rpartition("/")[2] for asked in crawl.site.log[before:]} == ASKED_AGAIN


def test_without_delay_connections_are_bounded_too(site, tmp_path):
    for number in range(60):
        site.add(f"/{number}.png", sites.dripping(b"abc", 0.002))
    origin = urls(
        tmp_path, [f"{site.address}/{n}.png" for n in range(60)], allowed=(site.host,), connections=3
    )
    assert len(gather(origin, tmp_path / "d")) == 60
    assert 1 < site.busiest <= 3


def test_a_list_keeps_its_order_its_facts_and_its_bad_rows(site, tmp_path):
    for number in range(40):
        site.add(f"/{number}.png", sites.body(small_image(number)))
    path = tmp_path / "list.csv"
    rows = [f"{site.address}/{number}.png,color,CC0,{number}" for number in reversed(range(40))]
    rows += [
        f"{site.address}/3.png,color,CC0,x",
        "ftp://example.org/a.png,color,,",
        f"{site.address}/4,blue,,",
    ]
    path.write_text("url,domain,license,note\n" + "\n".join(rows))
    found = gather(Urls(path=path, **policy(site.host)), tmp_path / "d")
    assert [content for _, content in found[:40]] == [small_image(number) for number in reversed(range(40))]
    assert found[5][0].facts == {"license": "CC0", "note": "34"}
    assert [entry.problem for entry, _ in found[40:]] == [
        "listed twice, first in row 37",
        "no http(s) URL",
        "domain is 'blue': must be one of sketch, color",
    ]
    assert site.times().total() == 41


def test_addresses_that_differ_only_to_a_host_are_both_asked_for(site, tmp_path):
    for number, path in enumerate(("/p?a=1&b=2", "/p?b=2&a=1", "/P?a=1&b=2", "/p?a=1&b=2&c=")):
        site.add(path, sites.body(small_image(number)))
    paths = ["p?a=1&b=2", "p?b=2&a=1", "P?a=1&b=2", "p?a=1&b=2&c=", "%70?a=1&b=2"]
    found = gather(
        urls(tmp_path, [f"{site.address}/{path}" for path in paths], allowed=(site.host,)), tmp_path
    )
    assert [content for _, content in found] == [small_image(number) for number in (0, 1, 2, 3, 0)]


def test_a_site_whose_robots_txt_is_in_trouble_is_left_alone(site, tmp_path):
    site.add("/robots.txt", sites.status(501))
    site.add("/a.png", sites.body(small_image(1)))
    found = gather(urls(tmp_path, [f"{site.address}/a.png"], allowed=(site.host,)), tmp_path / "d")
    assert problems(found) == {"a.png": "robots.txt cannot be fetched: 501 Not Implemented"}
    assert "/a.png" not in site.times()


def test_a_crawl_delay_is_kept(site, tmp_path):
    site.add("/robots.txt", sites.body(b"User-agent: *\nCrawl-delay: 0.2", "text/plain"))
    for number in range(4):
        site.add(f"/{number}.png", sites.body(small_image(number)))
    gather(
        urls(tmp_path, [f"{site.address}/{n}.png" for n in range(4)], allowed=(site.host,)), tmp_path / "d"
    )
    times = [asked.time for asked in site.log[1:]]
    assert times[-1] - times[0] > 0.5


def test_every_url_that_waits_for_robots_txt_obeys_it(site, tmp_path):
    site.add("/robots.txt", sites.body(b"User-agent: *\nDisallow: /", "text/plain"))
    found = gather(
        urls(tmp_path, [f"{site.address}/{n}.png" for n in range(10)], allowed=(site.host,)), tmp_path / "d"
    )
    assert problems(found) == {f"{n}.png": "robots.txt forbids it" for n in range(10)}
    assert site.times() == {"/robots.txt": 1}


def test_https_and_http_are_two_sites(site, tmp_path):
    site.add("/a.png", sites.body(small_image(1)))
    addresses = [f"{site.address.replace('http', 'https')}/b.png", f"{site.address}/a.png"]
    found = gather(urls(tmp_path, addresses, allowed=(site.host,)), tmp_path / "d")
    assert found[0][0].problem.startswith("robots.txt cannot be fetched: ")
    assert found[1][1] == small_image(1)


def test_a_crawl_delay_holds_for_all_sites_of_a_host(site, tmp_path):
    with sites.serve() as other:
        site.add("/robots.txt", sites.body(b"User-agent: *\nCrawl-delay: 0.3", "text/plain"))
        other.add("/robots.txt", sites.body(b"User-agent: *\nCrawl-delay: 0.1", "text/plain"))
        other.add("/b.png", sites.body(small_image(0)))
        for number in range(5):
            site.add(f"/{number}.png", sites.body(small_image(number)))
        addresses = [f"{site.address}/0.png", f"{other.address}/b.png"]
        addresses += [f"{site.address}/{number}.png" for number in range(1, 5)]
        gather(urls(tmp_path, addresses, allowed=("127.0.0.1",), rate=RATE), tmp_path / "d")
        times = sorted(asked.time for asked in site.log + other.log if "png" in asked.path)
    assert len(times) == 6
    assert times[-1] - times[0] > 1.0


def test_a_refused_crawl_delay_does_not_delay_other_sites_of_the_host(site, tmp_path):
    with sites.serve() as other:
        site.add("/robots.txt", sites.body(b"User-agent: *\nCrawl-delay: 100000", "text/plain"))
        other.add("/b.png", sites.body(small_image(1)))
        addresses = [f"{site.address}/a.png", f"{other.address}/b.png"]
        found = gather(urls(tmp_path, addresses, allowed=("127.0.0.1",)), tmp_path / "d")
    assert problems(found) == {"a.png": "robots.txt asks for 100,000 s between requests"}
    assert found[1][1] == small_image(1)


@pytest.mark.parametrize("path", ["/robots.txt", "/a.png"])
def test_damaged_compression_is_the_reason(site, tmp_path, path):
    site.add("/a.png", sites.body(small_image(1)))
    site.add(path, sites.body(b"no zstd at all", Content_Encoding="zstd"))
    found = gather(urls(tmp_path, [f"{site.address}/a.png"], allowed=(site.host,)), tmp_path / "d")
    assert found[0][0].problem.endswith("its compression is damaged")


def test_private_addresses_are_not_asked_unless_named(site, tmp_path):
    site.add("/a.png", sites.body(small_image(1)))
    hosts = [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "2130706433",
        "127.1",
        "169.254.169.254",
        "１２７.0.0.1",
        "0177.0.0.1",
    ]
    port = site.host.partition(":")[2]
    origin = urls(
        tmp_path, [f"http://{host}:{port}/a.png" for host in hosts], allowed=("127.0.0.1:1", "a.org")
    )
    reasons = [entry.problem for entry, _ in gather(origin, tmp_path / "d")]
    refused = [reason.replace("is ::1", "is 127.0.0.1") for reason in reasons]
    assert [reason.removeprefix("robots.txt cannot be fetched: ") for reason in refused] == [
        "127.0.0.1, a private address: not allowed",
        "::1, a private address: not allowed",
        "::ffff:127.0.0.1, a private address: not allowed",
        "localhost is 127.0.0.1, a private address: not allowed",
        "2130706433 is 127.0.0.1, a private address: not allowed",
        "127.1 is 127.0.0.1, a private address: not allowed",
        "169.254.169.254, a private address: not allowed",
        "listed twice, first in row 1",  # which it is, once it is written as it would be sent
        "0177.0.0.1 is 127.0.0.1, a private address: not allowed",
    ]
    assert site.log == []


def test_no_address_however_odd_stops_the_others(site, tmp_path):
    site.add("/a.png", sites.body(small_image(1)))
    odd = [
        f'{site.address}/\u202e<""{{}}|^`%zz%ff?a=b&c=\U0001f600',
        "https://[a::1]-x/",
        "http://xn--/",
        f"http://{'a' * 70}.org/",
        f"http://{'a.' * 200}org/",
        "http://-_-.invalid/",
        "https://127.0.0.1:1/x",
    ]
    origin = urls(tmp_path, [*odd, f"{site.address}/a.png"], allowed=(site.host, "127.0.0.1:1"))
    found = gather(origin, tmp_path / "d")
    assert [bool(entry.problem) for entry, _ in found] == [True] * len(odd) + [False]
    assert found[1][0].problem == found[3][0].problem == "no http(s) URL"
    assert found[5][0].problem == "robots.txt cannot be fetched: host not found, 4 times"


def test_details_are_followed_on_the_same_host_only_and_limits_hold(site, tmp_path):
    leads = [f'<a class="d" href="/d{number}">x</a>' for number in range(5)]
    leads.append('<a class="d" href="http://example.org/d">x</a>')
    site.add("/color", sites.page("".join(leads) + '<img src="/thumb.png"><a id="n" href="/list2#top">n</a>'))
    site.add("/list2", sites.page('<a class="d" href="/d9">x</a>'))
    for number in (0, 1, 2, 3, 9):
        site.add(f"/d{number}", sites.page(f'<img src="/{number}.png"><a class="d" href="/d77">x</a>'))
        site.add(f"/{number}.png", sites.body(small_image(number)))
    site.add("/sketch", sites.page("<p>nothing</p>"))
    origin = gallery(site, detail="a.d", next="#n", pages=6)
    found = gather(origin, tmp_path / "d")
    assert [(entry.path.replace(site.address, ""), entry.problem) for entry, _ in found] == [
        ("/sketch", "the selector under detail finds nothing here"),
        ("http://example.org/d", "a page on another host: not followed"),
        ("/0.png", ""),
        ("/1.png", ""),
        ("/2.png", ""),
        ("/3.png", ""),
        ("/d4", "404 Not Found"),
    ]
    assert "/list2" not in site.times()  # it would be the seventh page
    few = gather(gallery(site, detail="a.d", next="#n", images=2), tmp_path / "d")
    assert [entry.path.rpartition("/")[2] for entry, _ in few if not entry.problem] == ["0.png", "1.png"]


def test_addresses_of_images_are_found_wherever_pages_put_them(site, tmp_path):
    shown = """<base href="/deep/"><img src="1.png"><img src="data:image/gif;base64,AAAA" data-src="2.png">
        <img src="x.png" srcset="x.png 100w, 3.png 900w, y.png 500w"><a href="4.png">big</a>
        <image><source srcset="z.png, 5.png 2x"></image><meta property="og:image" content="/deep/6.png">
        <img src="1.png"><img alt="nothing">"""
    for number in range(1, 8):
        site.add(f"/deep/{number}.png", sites.body(small_image(number)))
    site.add("/sketch", sites.page(shown))
    site.add("/color", sites.page('<div data-big="/deep/7.png"></div>'))
    found = gather(gallery(site, image="img, a, source, meta, div::attr(data-big)"), tmp_path / "d")
    names = [(entry.domain, entry.path.rpartition("/")[2], entry.problem) for entry, _ in found]
    assert names == [*(("sketch", f"{number}.png", "") for number in range(1, 7)), ("color", "7.png", "")]


@pytest.mark.parametrize(
    "image",
    [
        '<img src="pixel.gif" data-lazy-src="/1.png">',
        '<img src="pixel.gif" data-original="/1.png">',
        '<img src="pixel.gif" data-lazy-srcset="/small.png 100w, /1.png 900w">',
        '<img src="pixel.gif" data-lazyload="/1.png">',
        '<img src="data:image/gif;base64,R0lG" data-original-set="/small.png 1x, /1.png 2x">',
        '<img src="pixel.gif" srcset="data:image/gif;base64,R0lG" data-src=" /1.png ">',
        '<img data-src="data:,x" data-original="/1.png" src="pixel.gif">',
        '<img src="pixel.gif"><noscript><img src="/1.png"></noscript>',
        '<img src="pixel.gif"><!-- late --> \n<noscript><a><img data-src="/1.png"></a></noscript>',
        '<img src="pixel.gif"><noscript><img src="/small.png" srcset="/1.png 2x"></noscript>',
        '<img src="/1.png"><p></p><noscript><img src="pixel.gif"></noscript>',
        '<img src="pixel.gif" data-cfsrc="/1.png">',
        '<img src="/small.png" data-thumb="/tiny.png" data-large_image="/1.png">',
        '<img src="pixel.gif" data-sizes="auto" data-bgset="/small.png 100w, /1.png 900w">',
        '<img src="/1.png" data-title="Kettle.png, blue" data-json=\'{"src": "/2.png"}\'>',
    ],
)
def test_images_that_are_loaded_late_are_found_by_their_true_url(image):
    page = HtmlResponse("http://a.org/", body=f"<figure>{image}</figure>", encoding="utf-8")
    assert page_links.images(page, "figure > img") == ["http://a.org/1.png"]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ('<source data-srcset="/small.png 1x, /1.png 2x"><img src="pixel.gif">', "1.png"),
        ('<source srcset="/2.webp"><img src="/1.png">', "1.png"),
        ('<img src="pixel.gif"></picture><noscript><img src="/1.png"></noscript><picture>', "1.png"),
        ('<source data-srcset="/2.webp"><img src="pixel.gif" data-src="/1.png">', "1.png"),
    ],
)
def test_an_image_of_several_sources_is_the_late_one(image, expected):
    page = HtmlResponse("http://a.org/", body=f"<picture>{image}</picture>", encoding="utf-8")
    assert page_links.images(page, "img") == [f"http://a.org/{expected}"]


def test_pages_that_cannot_be_had_are_listed(site, tmp_path):
    site.add("/color", sites.body(small_image(1)))
    found = gather(gallery(site), tmp_path / "d")
    assert [(entry.domain, entry.problem) for entry, _ in found] == [
        ("sketch", "404 Not Found"),
        ("color", "not a web page"),
    ]


def test_a_page_of_json_is_that_pages_reason(site, tmp_path):
    site.add("/sketch", sites.body(b'{"a": 1}', "application/json"))
    site.add("/color", sites.page('<img src="/1.png">'))
    site.add("/1.png", sites.body(small_image(1)))
    found = gather(gallery(site), tmp_path / "d")
    assert [entry.problem for entry, _ in found] == ["not a web page", ""]


def test_a_proxy_of_the_environment_is_used_but_not_to_reach_what_is_private(site, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", site.address)
    address = "http://images.example/a.png"
    site.answers[address] = sites.body(small_image(1))
    found = gather(urls(tmp_path, [address, "http://10.0.0.1/b.png"]), tmp_path / "d")
    assert found[0][1] == small_image(1)
    assert problems(found) == {
        "b.png": "robots.txt cannot be fetched: 10.0.0.1, a private address: not allowed"
    }
    assert [asked.path for asked in site.log] == ["http://images.example/robots.txt", address]


def test_two_runs_do_not_share_the_downloads(site, tmp_path):
    site.add("/a.png", sites.body(small_image(1)))
    site.add("/b.png", sites.dripping(bytes(1000), 0.1))
    both = [f"{site.address}/a.png", f"{site.address}/b.png"]
    first = scrapy_process.list_files(urls(tmp_path, both, allowed=(site.host,), seconds=100), tmp_path / "d")
    assert next(first).problem == ""
    alone = urls(tmp_path, both[:1], allowed=(site.host,))
    with pytest.raises(UserError, match="another run is downloading"):
        gather(alone, tmp_path / "d")
    first.close()
    assert len(gather(alone, tmp_path / "d")) == 1


def test_what_a_killed_run_began_to_write_is_removed(site, tmp_path):
    site.add("/a.png", sites.body(small_image(1)))
    part = tmp_path / "d" / "web" / "images" / "00" / ".abc.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    gather(urls(tmp_path, [f"{site.address}/a.png"], allowed=(site.host,)), tmp_path / "d")
    assert not part.exists()


def test_a_fault_of_our_own_is_no_reason_but_an_error(site, tmp_path, capfd):
    site.add("/a.png", sites.body(small_image(1)))
    (tmp_path / "d" / "web" / "images").mkdir(parents=True)
    for number in range(256):  # nothing can be written there
        (tmp_path / "d" / "web" / "images" / f"{number:02x}").write_text("no folder")
    with pytest.raises(UserError, match=r"images/..: (File exists|Not a directory): free some space, or"):
        gather(urls(tmp_path, [f"{site.address}/a.png"], allowed=(site.host,)), tmp_path / "d")
    assert capfd.readouterr().err == ""


def test_a_full_disk_is_one_line(site, tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(store, "write_bytes", full)
    site.add("/a.png", sites.body(small_image(1)))
    with pytest.raises(UserError, match=r"responses/.*: No space left on device: free some space, or make"):
        gather(urls(tmp_path, [f"{site.address}/a.png"], allowed=(site.host,)), tmp_path / "d")


@pytest.mark.parametrize("taken", ["web", "web/responses"])
def test_a_folder_that_cannot_be_written_is_no_reason_but_an_error(site, tmp_path, taken):
    path = tmp_path / "d" / taken
    path.parent.mkdir(parents=True)
    path.write_text("no folder")
    with pytest.raises(UserError, match=f"{taken}.*: free some space, or make it writable"):
        gather(urls(tmp_path, [f"{site.address}/a.png"], allowed=(site.host,)), tmp_path / "d")


def test_a_slow_reader_does_not_stop_the_downloads(site, tmp_path):
    names = [f"{number}.png" for number in range(4)]
    for number, name in enumerate(names):
        site.add(f"/{name}", sites.body(small_image(number)))
    path = tmp_path / "list.csv"
    rows = [f"ftp://example.org/{number},sketch,{'n' * 300}" for number in range(1000)]
    rows += [f"{site.address}/{name},sketch," for name in names]
    path.write_text("url,domain,note\n" + "\n".join(rows))
    found = scrapy_process.list_files(Urls(path=path, **policy(site.host)), tmp_path / "d")
    next(found)
    while len(list((tmp_path / "d" / "web" / "images").glob("*/*"))) < len(names):
        time.sleep(0.01)
    assert [entry.problem for entry in found][-4:] == [""] * 4


def test_a_killed_crawl_is_told(site, tmp_path, monkeypatch):
    crawls = []
    start = scrapy_process.subprocess.Popen
    monkeypatch.setattr(
        scrapy_process.subprocess, "Popen", lambda *a, **k: crawls.append(start(*a, **k)) or crawls[-1]
    )
    site.add("/b.png", sites.dripping(bytes(1000), 0.1))
    origin = urls(tmp_path, ["ftp://a.org/a", f"{site.address}/b.png"], allowed=(site.host,), seconds=100)
    found = scrapy_process.list_files(origin, tmp_path / "d")
    next(found)
    crawls[0].kill()
    with pytest.raises(UserError, match="the crawl was ended by signal 9: run the same again"):
        next(found)


def test_a_list_that_cannot_be_read_to_its_end_requests_nothing(site, tmp_path):
    path = tmp_path / "list.csv"
    rows = "".join(f"{site.address}/{number}.png,sketch\n" for number in range(1000))
    path.write_bytes(b"url,domain\n" + rows.encode() + b"http://\xff,sketch\n")
    with pytest.raises(UserError, match="UTF-8"):
        gather(Urls(path=path, **policy(site.host)), tmp_path / "d")
    assert site.log == []


def test_what_failed_is_not_asked_for_twice_in_a_crawl(site, tmp_path):
    for path in ("/sketch", "/color"):
        site.add(path, sites.page('<img src="/huge.png">'))
    site.add("/huge.png", sites.huge(5_000_000, announced=True))
    found = gather(gallery(site), tmp_path / "d")
    assert [entry.problem for entry, _ in found] == ["larger than 1 MB"] * 2
    assert site.times()["/huge.png"] == 1


HTTP = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
DAMAGED = "its compression is damaged"
NOT_HTTP = "the response is not HTTP, 4 times"
CLOSED = "the host closed the connection, 4 times"
SHORT = "connection closed early: fewer bytes than announced, 4 times"
ENDLESS = "max redirections reached"
NO_URL = "redirects to no http(s) URL"
COMPRESS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}


def odd_answers():
    """Answers of a broken or hostile server by name, each with the reason; empty if the image arrives."""
    image = small_image(9)
    answers = {}

    def add(name, answer, problem=""):
        answers[name] = (answer, problem)

    for name, compress in COMPRESS.items():
        packed = compress(image)
        add(f"{name} as named", sites.body(packed, Content_Encoding=name))
        add(f"{name} is none", sites.body(image, Content_Encoding=name), DAMAGED)
        add(f"{name} cut", sites.body(packed[: len(packed) // 2], Content_Encoding=name), DAMAGED)
        add(f"{name} cut early", sites.body(packed[:3], Content_Encoding=name), DAMAGED)
        add(f"{name} of nothing", sites.body(b"", Content_Encoding=name), "empty")
        add(f"{name} bomb", sites.body(compress(bytes(9_000_000)), Content_Encoding=name), "larger than 1 MB")
    add("raw deflate", sites.body(zlib.compress(image)[2:-4], Content_Encoding="deflate"))
    twice = gzip.compress(brotli.compress(image))
    add("two encodings", sites.body(twice, Content_Encoding="br, gzip"))
    add("two encodings, one missing", sites.body(gzip.compress(image), Content_Encoding="br, gzip"), DAMAGED)
    for name in ("nonsense", "", "identity", "\xff\xfe"):
        head = HTTP + b"Content-Encoding: " + name.encode("latin-1")
        add(f"encoding {name!r}", sites.raw(head + b"\r\n\r\n" + image))
    for length in ("-1", "abc", "1,2", ""):
        add(f"length {length!r}", sites.raw(HTTP + f"Content-Length: {length}\r\n\r\n".encode()), NOT_HTTP)
    for number, chunks in enumerate((b"zz\r\nabc\r\n", b"5\r\nab", b"", b"-1\r\n\r\n", b"9" * 999)):
        head = HTTP + b"Transfer-Encoding: chunked\r\n\r\n"
        add(f"chunks {number}", sites.raw(head + chunks), SHORT)
    add("unknown transfer", sites.raw(HTTP + b"Transfer-Encoding: x\r\n\r\n" + image), NOT_HTTP)
    for number, line in enumerate(
        (b"garbage", b"X-A: \xff\xfe", b"Set-Cookie: \xff=\xff", b"Link: <http://[>")
    ):
        add(f"good header {number}", sites.raw(HTTP + line + b"\r\n\r\n" + image))
    for kind in ("\xff/\xff; charset=\xff", "text/html; charset=hex", "image/png; charset=nonsense", "/"):
        line = b"Content-Type: " + kind.encode("latin-1")
        add(f"type {kind!r}", sites.raw(HTTP + line + b"\r\n\r\n" + image))
    add("header without name", sites.raw(HTTP + b": x\r\n\r\n" + image), NOT_HTTP)
    add("header name of bytes", sites.raw(HTTP + b"X-\xff: x\r\n\r\n" + image), NOT_HTTP)
    add("header of 100 KB", sites.raw(HTTP + b"X: " + b"x" * 100_000 + b"\r\n\r\n" + image), CLOSED)
    for number, line in enumerate((b"nonsense", b"HTTP/1.1", b"HTTP/1.1 abc OK", b"ICY 200 OK", b"\xff\xfe")):
        add(f"status line {number}", sites.raw(line + b"\r\n\r\n" + image), NOT_HTTP)
    for code in (204, 205, 206, 304, 300, 418):
        add(f"status {code}", sites.status(code), f"{code} {HTTPStatus(code).phrase}")
    add("status 999", sites.status(999), "999")
    add("continue", sites.raw(b"HTTP/1.1 100 Continue\r\n\r\n" + HTTP + b"\r\n" + image))
    add("only continue", sites.raw(b"HTTP/1.1 100 Continue\r\n\r\n"), CLOSED)
    add("reset", sites.reset(HTTP + b"Content-Length: 99999\r\n\r\n" + image), (SHORT, CLOSED))
    for number, target in enumerate(("", " ", "//", "#", "?", "http:")):
        add(f"endless {number}", sites.redirect(target), ENDLESS)
    nonsense = ("http://[", "javascript:alert(1)", "//[", "http://[zz]/", "http://a:b/", "http://a:99999/",
                "data:image/png;base64,AAAA", "mailto:a@b.org", "http://a b/", f"http://{'a' * 64}.org/",
                "http://.../", "http://%00/")  # fmt: skip
    for number, target in enumerate(nonsense):
        add(f"nonsense {number}", sites.redirect(target), NO_URL)
        add(f"nonsense for ever {number}", sites.status(301, Location=target), NO_URL)
    user = sites.redirect("http://a:b@127.0.0.1/")
    add("a password", user, "redirects to a URL with a user name: not allowed")
    return answers


def test_no_answer_ends_the_crawl_and_each_has_a_reason(site, tmp_path, capfd):
    answers = odd_answers()
    for number, (answer, _) in enumerate(answers.values()):
        site.add(f"/{number}.png", answer)
    site.add("/good.png", sites.body(small_image(1)))
    addresses = [f"{site.address}/{number}.png" for number in range(len(answers))]
    origin = urls(tmp_path, [*addresses, f"{site.address}/good.png"], allowed=(site.host,), seconds=60)
    for _ in range(2):  # again with what the first run stored
        found = gather(origin, tmp_path / "d")
        given = {name: entry.problem for name, (entry, _) in zip(answers, found, strict=False)}
        assert given == {
            name: problem if isinstance(problem, str) or given[name] not in problem else given[name]
            for name, (_, problem) in answers.items()
        }
        assert found[-1][1] == small_image(1)
    assert capfd.readouterr().err == ""


PAGES = {
    "<base href='http://['><img src=1.png>": "cannot be parsed: Invalid IPv6 URL",
    "<base href='javascript:x'><img src=1.png>": "no http(s) URL",
    "<img src='http://['>": "no http(s) URL",
    "<img src='http://a:b@c.org/'>": "a URL with a user name: not allowed",
    "": "the selector under image finds nothing here",
    "\0": "the selector under image finds nothing here",
    "<div>" * 9_000: "the selector under image finds nothing here",
    "<" * 900_000: "the selector under image finds nothing here",
    "<img srcset='" + ", " * 400_000 + "'>": "the selector under image finds nothing here",
    "<img src=/1.png><!-- x -->" * 5_000: "",
    "<meta charset='nonsense'><img src=/1.png>": "",
}
KINDS = {
    "text/html; charset=undefined": "cannot be parsed: decoding with 'undefined' codec failed",
    "text/html; charset=hex": "cannot be parsed: 'hex' is not a text encoding",
    "text/html; charset=nonsense": "",
    "application/json": "not a web page",
    "application/xml": "",
    "text/plain": "",
}


def test_no_page_ends_the_crawl_and_each_has_a_reason(site, tmp_path):
    expected = [*PAGES.values(), *KINDS.values()]
    for number, content in enumerate(PAGES):
        site.add(f"/{number}", sites.body(content.encode(), "text/html"))
    for number, kind in enumerate(KINDS, len(PAGES)):
        site.add(f"/{number}", sites.body(b"<img src='/1.png'/>", kind))
    site.add("/1.png", sites.body(small_image(1)))
    site.add("/color", sites.page("".join(f"<a href='/{number}'>" for number in range(len(expected)))))
    origin = gallery(site, detail="a", pages=50, seconds=100)
    for _ in range(2):
        found = gather(origin, tmp_path / "d")
        reasons = {
            entry.facts["page"].rpartition("/")[2]: entry.problem for entry, _ in found if entry.problem
        }
        assert reasons.pop("sketch") == "404 Not Found"
        for number, reason in enumerate(expected):
            assert reasons.get(str(number), "").startswith(reason)
            assert bool(reasons.get(str(number))) == bool(reason)
        assert [content for _, content in found if content] == [small_image(1)]


def test_a_page_that_takes_for_ever_stops_no_other(site, tmp_path, monkeypatch):
    find = page_links.images
    monkeypatch.setattr(
        page_links, "images", lambda page, *a: time.sleep(60) if "sketch" in page.url else find(page, *a)
    )
    site.add("/sketch", sites.page(""))
    site.add("/color", sites.page('<img src="/1.png">'))
    site.add("/1.png", sites.body(small_image(1)))
    found = gather(gallery(site, seconds=0.5), tmp_path / "d")
    assert [entry.problem for entry, _ in found] == ["cannot be parsed in 0.5 s", ""]


@pytest.mark.parametrize(
    ("module", "name", "place"),
    [
        (spiders, "is_web_page", "/1.png"),
        (spiders, "describe_status", "/1.png"),
        (middlewares.StrictCompression, "process_response", "/sketch"),
        (page_links, "images", "/sketch"),
        (middlewares.ProtegoRobotParser, "allowed", "/sketch"),
    ],
)
def test_a_bug_is_the_reason_of_one_address(site, tmp_path, monkeypatch, module, name, place):
    def fail(*_args, **_options):
        raise AttributeError("nothing has no length")

    monkeypatch.setattr(module, name, fail)
    site.add("/sketch", sites.page('<img src="/1.png">'))
    site.add("/color", sites.page('<img src="/1.png">'))
    site.add("/1.png", sites.status(404) if name == "describe_status" else sites.body(small_image(1)))
    found = gather(gallery(site), tmp_path / "d")
    assert len(found) == 2
    for entry, _ in found:
        assert entry.problem.endswith("internal error: AttributeError: nothing has no length")
        assert place in (*entry.path, entry.path.replace(site.address, ""), "/sketch")


@pytest.mark.parametrize(
    "robots",
    [bytes(range(256)) * 99, b"User-agent: *\nCrawl-delay: nan\nDisallow: http://[", b"\xff"],
    ids=["bytes", "values", "byte"],
)
def test_a_robots_txt_of_garbage_forbids_nothing(site, tmp_path, robots):
    site.add("/robots.txt", sites.body(robots, "text/plain; charset=hex"))
    site.add("/a.png", sites.body(small_image(1)))
    found = gather(urls(tmp_path, [f"{site.address}/a.png"], allowed=(site.host,)), tmp_path / "d")
    assert found[0][1] == small_image(1)


def test_a_start_that_cannot_be_requested_is_that_pages_reason(site, tmp_path):
    site.add("/color", sites.page('<img src="/1.png">'))
    site.add("/1.png", sites.body(small_image(1)))
    start = {"sketch": ("http://me:secret@a.org/", "http://a..b/"), "color": (f"{site.address}/color",)}
    found = gather(gallery(site, start=start), tmp_path / "d")
    assert [entry.problem for entry, _ in found] == [
        "a URL with a user name: not allowed",
        "no http(s) URL",
        "",
    ]


RUN = """
import signal
import sys
from pathlib import Path
from sketch2color.ingest.fetch import scrapy_process
from sketch2color.config.source import Urls
urls = Urls(path=Path(sys.argv[2]), contact="me@example.org", requests_per_second=0, connections=2,
            seconds=60, megabytes=1, allow_private=(sys.argv[1],))
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests ignores it
try:
    list(scrapy_process.list_files(urls, Path(sys.argv[3])))
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.parametrize(("how", "output"), [(signal.SIGKILL, ""), (signal.SIGINT, "stopped\n")])
def test_nobody_goes_on_fetching_for_a_run_that_has_ended(site, tmp_path, how, output):
    site.add("/a.png", sites.dripping(bytes(1000), 0.05))
    origin = urls(tmp_path, [f"{site.address}/a.png"], allowed=(site.host,))
    source = Path(scrapy_process.__file__).parents[3]
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, site.host, str(origin.path), str(tmp_path / "d")],
        env=os.environ | {"PYTHONPATH": str(source)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while "/a.png" not in site.times():
        assert run.poll() is None
        time.sleep(0.01)
    run.send_signal(how)
    printed, errors = run.communicate()
    assert (printed, errors) == (output, "")
    deadline = time.monotonic() + 10
    while site.under_way and time.monotonic() < deadline:
        time.sleep(0.01)
    assert site.under_way == 0  # the connection was cut
